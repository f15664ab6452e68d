import { type AddressForm } from './deviation.js';

/** The parts of a component address, from the uint32 as the standard reads it (low byte first). */
export function addressParts(raw: number, { order, parts }: AddressForm): readonly number[] {
  const wire = [raw, raw >>> 8, raw >>> 16, raw >>> 24].map((byte) => byte & 0xff);
  let at = 0;
  return parts.map(({ bytes }) => {
    const own = wire.slice(at, (at += bytes));
    if (order === 'little') own.reverse();
    return own.reduce((value, byte) => value * 256 + byte, 0);
  });
}

/** The uint32 of parts; `undefined` where one does not fit. */
export function addressOfParts(values: readonly number[], { order, parts }: AddressForm): number | undefined {
  if (values.length !== parts.length) return undefined;
  const wire: number[] = [];
  for (const [index, { bytes }] of parts.entries()) {
    const value = values[index] ?? NaN;
    if (!(Number.isInteger(value) && value >= 0 && value < 256 ** bytes)) return undefined;
    const own = Array.from({ length: bytes }, (_, byte) => Math.floor(value / 256 ** byte) % 256);
    wire.push(...(order === 'little' ? own : own.reverse()));
  }
  return wire.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** As it is printed: `10/2`. */
export function printedAddress(raw: number, form: AddressForm): string {
  return addressParts(raw, form).join('/');
}

export function addressOfText(text: string, form: AddressForm): number | undefined {
  const parts = text.split('/');
  return parts.every((part) => /^\d{1,10}$/.test(part)) ? addressOfParts(parts.map(Number), form) : undefined;
}

import { publishTemplate } from './mqtt-frames.js';

/** Bytes of each payload: what a detector with one value, time and number sends. */
export const PAYLOAD_BYTES = 120;
export const POINT_KEY = 'conc';

export const telemetryTopicOf = (deviceId: string): string => `watchfire/v1/devices/${deviceId}/telemetry`;

export const commandsFilterOf = (deviceId: string): string => `watchfire/v1/devices/${deviceId}/commands/#`;

/** In thousandths, 10.000 to 19.999: below every limit, and no two neighbours alike. */
export const calmValue = (n: number): number => 10_000 + ((n * 7919) % 10_000);

const SEQ_BASE = 10_000_000;

/** JSON of the own dialect with numbers of fixed width, padded in `boot` to exactly {@link PAYLOAD_BYTES}. */
function payload(boot: string): string {
  const json = (padding: string): string =>
    `{"values":{"${POINT_KEY}":10.000},"ts":1000000000000,"seq":${SEQ_BASE},"boot":"${boot}${padding}"}`;
  const missing = PAYLOAD_BYTES - json('').length;
  if (missing < 0)
    throw new Error(`The boot id "${boot}" is too long for a payload of ${PAYLOAD_BYTES} bytes.`);
  return json('-'.repeat(missing));
}

function writeDigits(bytes: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = Math.trunc(rest / 10);
    bytes[i] = 48 + (rest - next * 10);
    rest = next;
  }
}

/**
 * The frames of one device, one slot for each message that may be in flight, side by side in one buffer. A slot is
 * patched in place once its PUBACK is there: the acknowledgement proves that the socket no longer needs the old bytes.
 */
export class TelemetryFrames {
  readonly frameBytes: number;
  readonly #bytes: Buffer;
  readonly #valueAt: number;
  readonly #tsAt: number;
  readonly #seqAt: number;

  constructor(deviceId: string, slots: number, boot: string) {
    const template = publishTemplate(telemetryTopicOf(deviceId), Buffer.from(payload(boot)));
    this.frameBytes = template.bytes.length;
    this.#valueAt = template.bytes.indexOf('10.000');
    this.#tsAt = template.bytes.indexOf('"ts":') + 5;
    this.#seqAt = template.bytes.indexOf('"seq":') + 6;
    this.#bytes = Buffer.concat(Array.from({ length: slots }, () => template.bytes));
    for (let slot = 0; slot < slots; slot++)
      this.#bytes.writeUInt16BE(slot + 1, slot * this.frameBytes + template.packetIdAt);
  }

  /** `milliUnits`: the value in thousandths, 10,000 to 99,999 (10.000 to 99.999). The packet id is always `slot + 1`. */
  patch(slot: number, milliUnits: number, ts: number, seq: number): void {
    const at = slot * this.frameBytes;
    writeDigits(this.#bytes, at + this.#valueAt, 2, Math.trunc(milliUnits / 1000));
    writeDigits(this.#bytes, at + this.#valueAt + 3, 3, milliUnits % 1000);
    writeDigits(this.#bytes, at + this.#tsAt, 13, ts);
    writeDigits(this.#bytes, at + this.#seqAt, 8, SEQ_BASE + seq);
  }

  slots(from: number, to: number): Buffer {
    if (from === 0 && to * this.frameBytes === this.#bytes.length) return this.#bytes;
    return this.#bytes.subarray(from * this.frameBytes, to * this.frameBytes);
  }
}

/** Text of GB 18030 as it came: the bytes are kept, because what a vendor meant by them may be learned later. */
export interface FieldText {
  readonly raw: Uint8Array;
  /** Up to the first NUL and without the padding; what is no GB 18030 is U+FFFD. */
  readonly text: string;
}

/** Bytes of a description (types 2 and 7). */
export const DESCRIPTION_BYTES = 31;

const NUL = 0x00;
const SPACE = 0x20;
const UNKNOWN = 0x3f;
const BOM = 0xfeff;

const decoder = new TextDecoder('gb18030', { ignoreBOM: true });

/** After the first NUL some devices leave what was there before. No byte of a character is NUL or a space. */
export function readText(raw: Uint8Array): FieldText {
  const nul = raw.indexOf(NUL);
  let end = nul === -1 ? raw.length : nul;
  let start = 0;
  while (start < end && raw[start] === SPACE) start++;
  while (end > start && raw[end - 1] === SPACE) end--;
  return { raw, text: decoder.decode(raw.subarray(start, end)) };
}

/** A text of a fixed width: cut at a whole character, padded with NUL. */
export function fixedText(text: string, width = DESCRIPTION_BYTES): FieldText {
  const raw = new Uint8Array(width);
  raw.set(encodeGb18030(text, width));
  return readText(raw);
}

/** A text with its length in front of it. */
export function countedText(text: string): FieldText {
  return readText(encodeGb18030(text, 255));
}

/** At most `limit` bytes, of whole characters. What GB 18030 does not have is `?`. */
export function encodeGb18030(text: string, limit = Infinity): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = bytesOf(character.codePointAt(0) ?? UNKNOWN);
    if (bytes.length + code.length > limit) break;
    bytes.push(...code);
  }
  return Uint8Array.from(bytes);
}

function bytesOf(codePoint: number): readonly number[] {
  if (codePoint < 0x80) return [codePoint];
  // Beyond the basic plane the code is counted, not listed.
  if (codePoint >= 0x1_0000) return fourBytes(0x90, codePoint - 0x1_0000);
  return reverse().get(codePoint) ?? [UNKNOWN];
}

function fourBytes(lead: number, linear: number): readonly number[] {
  return [
    lead + Math.floor(linear / 12_600),
    0x30 + (Math.floor(linear / 1_260) % 10),
    0x81 + (Math.floor(linear / 10) % 126),
    0x30 + (linear % 10),
  ];
}

let table: ReadonlyMap<number, readonly number[]> | undefined;

/** The platform can read GB 18030 and not write it, so its own reading is turned round: once, and only where text is written. */
function reverse(): ReadonlyMap<number, readonly number[]> {
  table ??= reversed([...doubleByteCodes(), ...fourByteCodes()]);
  return table;
}

function reversed(codes: readonly (readonly number[])[]): Map<number, readonly number[]> {
  // A line feed after each code keeps one that the platform cannot read from its neighbours.
  const read = decoder.decode(Uint8Array.from(codes.flatMap((code) => [...code, 0x0a]))).split('\n');
  const map = new Map<number, readonly number[]>();
  codes.forEach((code, index) => {
    const character = read[index] ?? '';
    const codePoint = character.codePointAt(0);
    const isOne = character.length === 1 && codePoint !== undefined && codePoint !== 0xfffd;
    // Of several codes for one character the first is the usual one: two bytes before four.
    if (isOne && codePoint !== BOM && !map.has(codePoint)) map.set(codePoint, code);
  });
  return map;
}

function doubleByteCodes(): number[][] {
  const codes: number[][] = [];
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) if (trail !== 0x7f) codes.push([lead, trail]);
  }
  return codes;
}

/** Those of the basic plane: 81 30 81 30 to 84 31 A4 39. */
function fourByteCodes(): (readonly number[])[] {
  return Array.from({ length: 39_420 }, (_, linear) => fourBytes(0x81, linear));
}

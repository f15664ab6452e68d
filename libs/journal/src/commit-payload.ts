import { decodeReadings } from '@watchfire/readings';
import { type EncodedAppend } from './append-encoding.js';
import { PAYLOAD_VERSION, type StoredCommit } from './commit-format.js';
import { JournalError } from './errors.js';
import { lastOffset } from './journal-parts.js';
import type { JournalEntry, JournalPart, JournalRecord } from './record.js';

/*
 * The payload of a commit. What was written once is read for ever; another form is another version.
 *
 * Version 1 is text in UTF-8, one line a record: ms since `first_at`, a space, the record as JSON.
 *
 * Version 2 is a sequence of parts, in the order of their offsets, with nothing between or behind them. Little-endian:
 *
 *   u8   kind     1: records, 2: readings
 *   u8   form     of the body, by kind; both have one so far, 1
 *   u16  0
 *   u32  count    offsets that the part takes
 *   u32  length   of the body, bytes
 *   f64  since    journal time less `first_at`, ms
 *   body          records: text as in version 1, its times since that of the part. readings: version 1 of
 *                 `encodeReadings`, all of them at the time of the part.
 *
 * Appends become parts as they came: one part each batch of readings, and one the records between two of them.
 */
const RECORDS = 1;
const READINGS = 2;
const FORM = 1;
const HEADER_BYTES = 20;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export interface TimedAppend {
  readonly append: EncodedAppend;
  readonly at: number;
}

interface PartDraft {
  readonly kind: number;
  readonly count: number;
  readonly at: number;
  readonly body: Uint8Array;
}

export function encodePayload(appends: readonly TimedAppend[]): Uint8Array<ArrayBuffer> {
  const parts = draftParts(appends);
  const firstAt = appends[0]?.at ?? 0;
  let length = 0;
  for (const { body } of parts) length += HEADER_BYTES + body.byteLength;
  const payload = new Uint8Array(length);
  const view = new DataView(payload.buffer);
  let offset = 0;
  for (const { kind, count, at, body } of parts) {
    view.setUint8(offset, kind);
    view.setUint8(offset + 1, FORM);
    view.setUint32(offset + 4, count, true);
    view.setUint32(offset + 8, body.byteLength, true);
    view.setFloat64(offset + 12, at - firstAt, true);
    payload.set(body, offset + HEADER_BYTES);
    offset += HEADER_BYTES + body.byteLength;
  }
  return payload;
}

function draftParts(appends: readonly TimedAppend[]): readonly PartDraft[] {
  const parts: PartDraft[] = [];
  for (let i = 0; i < appends.length;) {
    const { append, at } = appends[i]!;
    if ('readings' in append) {
      parts.push({ kind: READINGS, count: append.count, at, body: append.encoded });
      i += 1;
      continue;
    }
    const first = i;
    let lines = '';
    for (; i < appends.length; i += 1) {
      const next = appends[i]!;
      if ('readings' in next.append) break;
      lines += `${i === first ? '' : '\n'}${next.at - at} ${next.append.encoded}`;
    }
    parts.push({ kind: RECORDS, count: i - first, at, body: utf8.encode(lines) });
  }
  return parts;
}

/** @throws JournalError `schema_newer` when a newer program has written it, `damaged` when it does not add up. */
export function decodeCommit(commit: StoredCommit): readonly JournalPart[] {
  const { firstOffset, firstAt, version, count, payload } = commit;
  if (version < 1 || version > PAYLOAD_VERSION) throw newer(commit, `version ${version}`);
  const parts = version === 1 ? decodeLines(payload, firstOffset, firstAt) : decodeParts(commit);
  const last = parts.at(-1);
  const held = last === undefined ? 0 : lastOffset(last) - firstOffset + 1;
  if (held !== count) throw damaged(commit, `holds ${held} of ${count}`);
  return parts;
}

function decodeParts(commit: StoredCommit): readonly JournalPart[] {
  const { payload, firstAt } = commit;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const parts: JournalPart[] = [];
  let offset = commit.firstOffset;
  for (let begin = 0; begin < payload.byteLength;) {
    if (begin + HEADER_BYTES > payload.byteLength) throw damaged(commit, 'ends within a part');
    const [kind, form] = [view.getUint8(begin), view.getUint8(begin + 1)];
    const count = view.getUint32(begin + 4, true);
    const bodyBegin = begin + HEADER_BYTES;
    const end = bodyBegin + view.getUint32(begin + 8, true);
    const at = firstAt + view.getFloat64(begin + 12, true);
    if (end > payload.byteLength) throw damaged(commit, 'ends within a part');
    if ((kind !== RECORDS && kind !== READINGS) || form !== FORM) {
      throw newer(commit, `a part of kind ${kind} in form ${form}`);
    }
    const body = payload.subarray(bodyBegin, end);
    if (kind === READINGS) parts.push({ offset, at, readings: decodeReadings(body) });
    else for (const entry of decodeLines(body, offset, at)) parts.push(entry);
    offset += count;
    const last = parts.at(-1);
    if (last === undefined || lastOffset(last) !== offset - 1)
      throw damaged(commit, 'has a part that is short');
    begin = end;
  }
  return parts;
}

function decodeLines(text: Uint8Array, firstOffset: number, firstAt: number): JournalEntry[] {
  return fromUtf8
    .decode(text)
    .split('\n')
    .map((line, index) => {
      const space = line.indexOf(' ');
      return {
        offset: firstOffset + index,
        at: firstAt + Number(line.slice(0, space)),
        record: JSON.parse(line.slice(space + 1)) as JournalRecord,
      };
    });
}

function newer({ firstOffset }: StoredCommit, what: string): JournalError {
  const text = `commit ${firstOffset} has ${what}; this program reads versions up to ${PAYLOAD_VERSION}`;
  return new JournalError('schema_newer', text);
}

function damaged({ firstOffset }: StoredCommit, what: string): JournalError {
  return new JournalError('damaged', `commit ${firstOffset} ${what}`);
}

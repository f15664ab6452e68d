import {
  HAS_DEVICE_TIME,
  HISTORICAL,
  IS_BOOLEAN,
  IS_NUMBER,
  QUALITIES,
  type ReadingBuilder,
} from '@watchfire/readings';
import { END, JsonCursor, jsonLiteral } from './json-cursor.js';
import { JsonKeyTable } from './json-key-table.js';
import { type DecodeLimits } from './limits.js';
import { type TelemetryShape } from './telemetry-shape.js';

/** Which device times are believed, and what a payload may contain. */
export interface ScanWindow {
  readonly maxLateMs: number;
  /** The same for messages marked `hist`. */
  readonly maxHistoricalLateMs: number;
  readonly maxAheadMs: number;
  readonly decode: DecodeLimits;
}

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const QUOTE = 0x22;

const VALUES = 0;
const TS = 1;
const SEQ = 2;
const BOOT = 3;
const HIST = 4;
const QUALITY = 5;
const members = new JsonKeyTable(['values', 'ts', 'seq', 'boot', 'hist', 'quality']);
/** By index into `QUALITIES`. */
const qualityWords = QUALITIES.map((word) => jsonLiteral(new TextEncoder().encode(`"${word}"`)));
const TRUE = jsonLiteral(new TextEncoder().encode('true'));
const FALSE = jsonLiteral(new TextEncoder().encode('false'));

const GOOD = QUALITIES.indexOf('good');
const MAX_BOOT_LENGTH = 64;
/** An array of messages with values in them. */
const DEPTH = 3;
/** Stamps begin anew before they are no small integers any more. */
const MAX_STAMP = 2 ** 30;

/**
 * The quick way for telemetry of the own dialect: from the bytes of the socket into columns, without an object for each message.
 * It takes only what is clean in every respect, and then exactly as `decodeTelemetry` and the rules IN26 and IN30 would
 * (`docs/spec/ingest.md`); everything else it leaves to them.
 */
export class TelemetryScanner {
  private readonly cursor = new JsonCursor();
  /** By point: the last object in which it stood. */
  private seen = new Uint32Array(64);
  private stamp = 0;
  /** What the device declared of its points in this message. */
  private declared = 0;
  private declaredPoint = new Uint16Array(64);
  private declaredQuality = new Uint8Array(64);
  /** Devices that were started together often have the same one: it is then one string for all of them. */
  private lastBoot = '';

  constructor(private readonly window: ScanWindow) {}

  /**
   * Reads the payload `bytes[from…to)` and appends its readings to the builder, which must have no samples open; its checkpoint
   * is overwritten. Returns how many readings, at least 1; or 0, and then nothing was appended and the reference decides.
   */
  // eslint-disable-next-line max-params -- an object of them would be one for each message
  scan(
    bytes: Uint8Array,
    from: number,
    to: number,
    shape: TelemetryShape,
    receivedAt: number,
    into: ReadingBuilder,
  ): number {
    const { cursor } = this;
    const { maxDepth } = this.window.decode;
    if (maxDepth < DEPTH) return 0;
    const before = into.count;
    into.checkpoint();
    cursor.begin(bytes, from, to);
    this.reserve(shape.points.type.length);
    const first = cursor.next();
    const clean =
      first === OPEN_BRACE
        ? this.message(shape, receivedAt, into)
        : first === OPEN_BRACKET && this.messages(shape, receivedAt, into);
    if (clean && cursor.peek() === END) return into.count - before;
    into.rollback();
    return 0;
  }

  private messages(shape: TelemetryShape, receivedAt: number, into: ReadingBuilder): boolean {
    const { cursor } = this;
    const { maxMessages } = this.window.decode;
    let messages = 0;
    let byte: number;
    do {
      if (++messages > maxMessages || cursor.next() !== OPEN_BRACE) return false;
      if (!this.message(shape, receivedAt, into)) return false;
      byte = cursor.next();
    } while (byte === COMMA);
    return byte === CLOSE_BRACKET;
  }

  /** Reads a message behind its opening brace. */
  private message(shape: TelemetryShape, receivedAt: number, into: ReadingBuilder): boolean {
    const { cursor } = this;
    let read = 0;
    let member = -1;
    let flags = 0;
    let ts = receivedAt;
    let seq = NaN;
    let boot: string | undefined;
    let byte: number;
    this.declared = 0;
    do {
      cursor.peek();
      member = members.read(cursor, member);
      if (member < 0 || (read & (1 << member)) !== 0 || cursor.next() !== COLON) return false;
      read |= 1 << member;
      byte = cursor.peek();
      switch (member) {
        case VALUES:
          if (!this.values(shape, into)) return false;
          break;
        case TS:
          if (!cursor.number()) return false;
          ts = Math.floor(cursor.value);
          flags |= HAS_DEVICE_TIME;
          break;
        case SEQ:
          if (!cursor.number()) return false;
          seq = cursor.value;
          if (!isCount(seq)) return false;
          break;
        case BOOT:
          boot = byte === QUOTE ? this.boot(shape) : this.bootNumber();
          if (boot === undefined) return false;
          break;
        case HIST:
          if (cursor.literal(TRUE)) flags |= HISTORICAL;
          else if (!cursor.literal(FALSE)) return false;
          break;
        case QUALITY:
          if (!this.quality(shape)) return false;
          break;
      }
      byte = cursor.next();
    } while (byte === COMMA);
    if (byte !== CLOSE_BRACE || into.open === 0) return false;
    if ((flags & HAS_DEVICE_TIME) !== 0 && !this.isBelieved(ts, receivedAt, flags)) return false;
    for (let i = 0; i < this.declared; i++) {
      into.degradePoint(this.declaredPoint[i]!, this.declaredQuality[i]!);
    }
    into.end(shape.source, receivedAt, ts, flags);
    if (seq === seq || boot !== undefined) into.identify(seq, boot);
    return true;
  }

  private isBelieved(ts: number, receivedAt: number, flags: number): boolean {
    const { maxLateMs, maxHistoricalLateMs, maxAheadMs } = this.window;
    const late = (flags & HISTORICAL) === 0 ? maxLateMs : maxHistoricalLateMs;
    return ts >= 0 && ts >= receivedAt - late && ts <= receivedAt + maxAheadMs;
  }

  private values(shape: TelemetryShape, into: ReadingBuilder): boolean {
    const { cursor } = this;
    const table = shape.points.values;
    const stamp = this.nextStamp();
    let point = -1;
    let byte = cursor.next();
    if (byte !== OPEN_BRACE) return false;
    do {
      cursor.peek();
      point = table.read(cursor, point);
      if (point < 0 || this.seen[point] === stamp || cursor.next() !== COLON) return false;
      this.seen[point] = stamp;
      cursor.peek();
      if (!this.sample(shape, point, into)) return false;
      byte = cursor.next();
    } while (byte === COMMA);
    return byte === CLOSE_BRACE && into.open <= this.window.decode.maxValues;
  }

  private sample(shape: TelemetryShape, point: number, into: ReadingBuilder): boolean {
    const { cursor } = this;
    const { points } = shape;
    switch (points.type[point]) {
      case IS_NUMBER: {
        if (!cursor.number()) return false;
        const { value } = cursor;
        // A larger one has lost digits, and is not good any more (IN5).
        if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return false;
        if (value < points.min[point]! || value > points.max[point]!) return false;
        into.number(point, value, GOOD);
        return true;
      }
      case IS_BOOLEAN: {
        const value = cursor.literal(TRUE);
        if (!value && !cursor.literal(FALSE)) return false;
        into.boolean(point, value, GOOD);
        return true;
      }
      default: {
        const text = cursor.text(shape.texts[point], this.window.decode.maxStringLength);
        if (text === undefined) return false;
        shape.texts[point] = text;
        into.text(point, text, GOOD);
        return true;
      }
    }
  }

  private boot(shape: TelemetryShape): string | undefined {
    const boot = this.cursor.text(shape.boot, MAX_BOOT_LENGTH);
    if (boot === undefined || boot === '') return undefined;
    if (boot !== shape.boot) {
      if (boot !== this.lastBoot) this.lastBoot = boot;
      shape.boot = this.lastBoot;
    }
    return shape.boot;
  }

  private bootNumber(): string | undefined {
    return this.cursor.number() && isCount(this.cursor.value) ? String(this.cursor.value) : undefined;
  }

  private quality(shape: TelemetryShape): boolean {
    const { cursor } = this;
    const table = shape.points.quality;
    const stamp = this.nextStamp();
    let point = -1;
    let byte = cursor.next();
    if (byte !== OPEN_BRACE) return false;
    if (cursor.peek() === CLOSE_BRACE) return cursor.next() === CLOSE_BRACE;
    do {
      cursor.peek();
      point = table.read(cursor, point);
      if (point < 0 || this.seen[point] === stamp || cursor.next() !== COLON) return false;
      this.seen[point] = stamp;
      cursor.peek();
      const quality = qualityWords.findIndex((word) => cursor.literal(word));
      if (quality < 0) return false;
      this.declaredPoint[this.declared] = point;
      this.declaredQuality[this.declared++] = quality;
      byte = cursor.next();
    } while (byte === COMMA);
    return byte === CLOSE_BRACE;
  }

  private nextStamp(): number {
    if (this.stamp === MAX_STAMP) {
      this.seen.fill(0);
      this.stamp = 0;
    }
    return ++this.stamp;
  }

  private reserve(points: number): void {
    if (points <= this.seen.length) return;
    this.seen = new Uint32Array(points);
    this.declaredPoint = new Uint16Array(points);
    this.declaredQuality = new Uint8Array(points);
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

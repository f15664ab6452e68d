import { type DeviceTime } from '../envelope.js';
import { epochTime } from '../envelope.js';
import { isObject, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted, type Refusal } from '../refusal.js';
import { type TelemetryMessage } from '../telemetry.js';
import { readableKeys, readValue, Values } from './values.js';

export interface TimedRules {
  readonly hist: boolean;
  /** A key may hold a list of `{value,time}`. */
  readonly series: boolean;
  /** Epoch ms; a value of a later time is refused. */
  readonly latest?: number;
}

/**
 * Values that carry their own times, `{"Power":{"value":"on","time":1524448722000},"WF":23.6}`: one message for each time, oldest
 * first, and what has no time at the end, for its time is that of its receipt.
 */
export function readTimedValues(
  params: unknown,
  rules: TimedRules,
  limits: DecodeLimits,
  refusals: Refusal[],
): readonly TelemetryMessage[] {
  const reader = new TimedReader(rules, limits, refusals);
  const keys = readableKeys(params, limits, refusals);
  if (isObject(params)) for (const key of keys) reader.read(key, params[key]);
  return reader.messages();
}

class TimedReader {
  private readonly byTime = new Map<number, Values>();
  private readonly now = new Values();
  private readonly untimely = new Values();

  constructor(
    private readonly rules: TimedRules,
    private readonly limits: DecodeLimits,
    private readonly refusals: Refusal[],
  ) {}

  read(key: string, sent: unknown): void {
    if (!Array.isArray(sent) || !this.rules.series) return this.readOne(key, sent);
    if (sent.length <= this.limits.maxMessages) {
      for (const element of sent) this.readOne(key, element);
      return;
    }
    const text = `${quoted(key)} has ${sent.length} values, at most ${this.limits.maxMessages}`;
    this.refusals.push({ code: 'too_many_messages', message: text });
  }

  messages(): readonly TelemetryMessage[] {
    const times = [...this.byTime.keys()].sort((a, b) => a - b);
    const built = times.map((ts) => this.byTime.get(ts)?.message({ ts }, this.rules.hist));
    built.push(this.untimely.message({ tsUnusable: true }, this.rules.hist));
    built.push(this.now.message({}, this.rules.hist));
    return built.filter((message) => message !== undefined);
  }

  private readOne(key: string, sent: unknown): void {
    const pair = isPair(sent) ? sent : undefined;
    const time: DeviceTime = pair === undefined ? {} : epochTime(pair, 'time', this.refusals);
    const value = readValue(key, pair === undefined ? sent : pair['value'], this.limits, this.refusals);
    if (value === undefined) return;
    if (time.ts === undefined) return (time.tsUnusable === true ? this.untimely : this.now).set(key, value);
    if (isAhead(time, this.rules.latest)) {
      this.refusals.push({ code: 'ts_ahead', message: `${quoted(key)} has a time more than 24 h ahead` });
      return;
    }
    this.at(time.ts)?.set(key, value);
  }

  private at(ts: number): Values | undefined {
    const known = this.byTime.get(ts);
    if (known !== undefined) return known;
    if (this.byTime.size >= this.limits.maxMessages) {
      this.refusals.push({
        code: 'too_many_messages',
        message: `values of more than ${this.limits.maxMessages} times`,
      });
      return undefined;
    }
    const values = new Values();
    this.byTime.set(ts, values);
    return values;
  }
}

export const isAhead = (time: DeviceTime, latest: number | undefined): boolean =>
  time.ts !== undefined && latest !== undefined && time.ts > latest;

/** `{"value":…}`, with its time or without; any other object is a value of several members. */
export const isPair = (sent: unknown): sent is JsonObject => isObject(sent) && Object.hasOwn(sent, 'value');

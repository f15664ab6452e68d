import { type RuleView, type Value } from '@watchfire/contracts';
import { formatNumber } from '../locales/format.js';

/** A text of the locale under `ruleWords`, and the words for values and colours in the language of the page. */
export interface RuleVocabulary {
  readonly text: (key: string, facts?: Readonly<Record<string, string | number>>) => string;
  readonly value: (value: Value, unit: string | null) => string;
  readonly colour: (severity: number) => string;
  readonly chinese: boolean;
}

type Told = Pick<RuleView, 'condition' | 'enabledWhen' | 'reads'>;
type Part = Readonly<Record<string, unknown>>;

/** A rule as sentences: when it is in alarm, how that is delayed, and when it is enabled. The open shape is read with care. */
export function ruleWords(rule: Told, words: RuleVocabulary): string[] {
  const teller = new Teller(rule, words);
  const condition = teller.condition();
  if (condition === undefined) return [];
  return [condition, ...teller.delays(), ...teller.occurrences(), ...teller.enabling()];
}

/** Levels that lie above what they are compared with. */
const isHigh = (level: string): boolean => level === 'H' || level === 'HH';

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const PERIODS: Readonly<Record<number, string>> = { 1_000: 's', 60_000: 'min', 3_600_000: 'h' };
const SECOND = 1_000;

class Teller {
  private readonly c: Part;

  constructor(
    private readonly rule: Told,
    private readonly words: RuleVocabulary,
  ) {
    this.c = rule.condition;
  }

  /** Undefined for a kind that this page does not know. */
  condition(): string | undefined {
    const { c } = this;
    const point = this.nameOf(c['pointId']);
    switch (c['kind']) {
      case 'limit':
        return this.say('limit', { point, limits: this.limits(this.unitOf(c['pointId'])) });
      case 'deviation': {
        const unit = this.unitOf(c['pointId']);
        const target = this.operand(c['setPoint'], unit);
        return this.say('deviation', { point, target, limits: this.limits(unit) });
      }
      case 'rate':
        return this.say('rate', {
          point,
          window: this.time(c['windowMs']),
          limits: this.limits(`${this.unitOf(c['pointId']) ?? ''}/${PERIODS[numberOf(c['perMs'])] ?? '?'}`),
        });
      case 'derived':
        return this.say('derived', {
          expression: textOf(c['expression']),
          variables: Object.entries(partOf(c['variables']))
            .map(([name, id]) => `${name} = ${this.nameOf(id)}`)
            .join(this.comma()),
          limits: this.limits(nullableText(c['unit'])),
        });
      case 'band': {
        const unit = this.unitOf(c['pointId']);
        const [low, high] = [this.operand(c['low'], unit), this.operand(c['high'], unit)];
        return this.say(c['alarm'] === 'inside' ? 'bandInside' : 'bandOutside', { point, low, high });
      }
      case 'drift': {
        const unit = this.unitOf(c['pointId']);
        const direction = textOf(c['direction']);
        const key = direction === 'up' ? 'driftUp' : direction === 'down' ? 'driftDown' : 'driftBoth';
        return this.say(key, {
          point,
          target: this.operand(c['target'], unit),
          slack: this.amount(c['slack'], unit),
          threshold: this.amount(c['threshold'], unit),
        });
      }
      default:
        return this.state(point) ?? this.history(point) ?? this.group();
    }
  }

  delays(): string[] {
    const { onDelayMs, offDelayMs, onCount } = this.c;
    const told: string[] = [];
    if (numberOf(onDelayMs) > 0) told.push(this.say('onDelay', { time: this.time(onDelayMs) }));
    if (typeof onCount === 'number') told.push(this.say('onCount', { count: onCount }));
    if (numberOf(offDelayMs) > 0) told.push(this.say('offDelay', { time: this.time(offDelayMs) }));
    return told;
  }

  occurrences(): string[] {
    const { countId } = partOf(this.c['again']);
    return typeof countId === 'string' ? [this.say('again', { count: this.nameOf(countId) })] : [];
  }

  enabling(): string[] {
    const { enabledWhen } = this.rule;
    return enabledWhen === null ? [] : [this.say('enabledWhen', { logic: this.logic(enabledWhen) })];
  }

  private state(point: string): string | undefined {
    const { c } = this;
    switch (c['kind']) {
      case 'discrete': {
        const alarms = listOf(c['alarmValues']).map(({ value }) => value);
        const unit = this.unitOf(c['pointId']);
        return Array.isArray(c['normal'])
          ? this.say('notNormal', { point, values: this.values(c['normal'], unit) })
          : this.say('oneOf', { point, values: this.values(alarms, unit) });
      }
      case 'bits':
        return this.say('bits', {
          point,
          bits: listOf(c['bits'])
            .map(({ mask, when, level }) =>
              this.say(when === false ? 'bitOff' : 'bitOn', {
                mask: `0x${numberOf(mask).toString(16).toUpperCase()}`,
                level: textOf(level),
              }),
            )
            .join(this.comma()),
        });
      case 'all':
        return listOf(c['terms'])
          .map((term) => this.oneOf(term))
          .join(this.say('and'));
      case 'boolean':
        return this.logic(c['logic']);
      case 'discrepancy':
        return [
          this.say('discrepancy', {
            command: this.nameOf(c['commandId']),
            feedback: this.nameOf(c['feedbackId']),
            time: this.time(c['expectedMs']),
          }),
          ...listOf(c['pairs']).map((pair) =>
            this.say('pair', {
              command: this.words.value(valueOf(pair['command']), null),
              feedback: this.words.value(valueOf(pair['feedback']), null),
            }),
          ),
        ].join(this.comma());
      default:
        return undefined;
    }
  }

  /** What becomes of a value or of a link in the course of time. */
  private history(point: string): string | undefined {
    const { c } = this;
    const unit = this.unitOf(c['pointId']);
    const [window, count] = [this.time(c['windowMs']), numberOf(c['count'])];
    const tolerance = numberOf(c['tolerance']);
    const within = tolerance > 0 ? this.say('tolerance', { tolerance: this.amount(tolerance, unit) }) : '';
    switch (c['kind']) {
      case 'change':
        return `${this.say('change', { point, hold: this.time(c['holdMs']) })}${within}`;
      case 'frozen':
        return `${this.say('frozen', { point, time: this.time(c['afterMs']) })}${within}`;
      case 'count':
        return this.say('count', { point, window, count, values: this.values(c['values'], unit) });
      case 'value-flapping':
        return `${this.say('valueFlapping', { point, window, count })}${within}`;
      case 'stale':
        return this.say('stale', { point, time: this.time(c['afterMs']) });
      case 'offline':
        return this.say('offline', { time: this.time(c['afterMs']) });
      case 'clock':
        return this.say('clock', { time: this.time(c['limitMs']), window });
      case 'flapping':
        return this.say('flapping', { window, count });
      default:
        return undefined;
    }
  }

  private group(): string | undefined {
    const { c } = this;
    const members = Array.isArray(c['members']) ? c['members'].length : 0;
    const need = numberOf(c['need']);
    switch (c['kind']) {
      case 'voting':
        return this.say('voting', { members, need });
      case 'voting-degraded':
        return this.say('votingDegraded', { members, need });
      case 'coincidence':
        return this.say('coincidence', { members, need, window: this.time(c['windowMs']) });
      case 'colours':
        return this.say('colours', {
          members,
          blues: numberOf(c['bluesToYellow']),
          yellows: numberOf(c['yellowsToOrange']),
          oranges: numberOf(c['orangesToRed']),
        });
      default:
        return undefined;
    }
  }

  private limits(unit: string | null): string {
    return listOf(this.c['limits'])
      .map(({ level, limit, severity, from }) =>
        this.say('limitOf', {
          level: textOf(level),
          sign: isHigh(textOf(level)) ? '≥' : '≤',
          limit: from === undefined ? this.amount(limit, unit) : this.operand(from, unit),
          colour: this.words.colour(numberOf(severity)),
        }),
      )
      .join(this.comma());
  }

  private logic(part: unknown, inner = false): string {
    const logic = partOf(part);
    switch (logic['is']) {
      case 'and':
      case 'or': {
        const text = listOf(logic['terms'])
          .map((term) => this.logic(term, true))
          .join(this.say(logic['is']));
        return inner ? this.say('bracket', { text }) : text;
      }
      case 'not':
        return this.say('not', { text: this.logic(logic['term']) });
      case 'one-of':
        return this.oneOf(logic);
      case 'within':
        return this.within(partOf(logic['schedule']));
      default:
        return this.comparison(logic);
    }
  }

  private comparison({ is, left, right }: Part): string {
    const unit = this.unitBeside(left) ?? this.unitBeside(right);
    const sign = { '<=': '≤', '>=': '≥', '!=': '≠' }[textOf(is)] ?? textOf(is);
    return `${this.operand(left, unit)} ${sign} ${this.operand(right, unit)}`;
  }

  private within({ zone, spans }: Part): string {
    const told = listOf(spans).map(({ days, from, to }) => {
      const list = Array.isArray(days) ? days.map(Number) : [];
      return `${this.days(list)} ${clock(numberOf(from))}–${clock(numberOf(to))}`;
    });
    return this.say('within', { spans: told.join(this.comma()), zone: textOf(zone) });
  }

  /** Days that follow each other as a range. */
  private days(list: readonly number[]): string {
    const runs: number[][] = [];
    for (const day of DAYS.filter((one) => list.includes(one))) {
      const last = runs.at(-1);
      if (last?.at(-1) === day - 1) last.push(day);
      else runs.push([day]);
    }
    return runs
      .map((run) => {
        const [first = 1, last = 1] = [run[0], run.at(-1)];
        const names = [first, last].map((day) => this.say(`day${day}`));
        if (run.length === 1) return names[0] ?? '';
        return this.say('dayRange', { first: names[0] ?? '', last: names[1] ?? '' });
      })
      .join(this.comma());
  }

  private oneOf({ pointId, values }: Part): string {
    const unit = this.unitOf(pointId);
    return this.say('oneOf', { point: this.nameOf(pointId), values: this.values(values, unit) });
  }

  private values(values: unknown, unit: string | null): string {
    const list: readonly unknown[] = Array.isArray(values) ? values : [];
    return list.map((value) => this.words.value(valueOf(value), unit)).join(this.say('or'));
  }

  private operand(part: unknown, unit: string | null): string {
    const { value, pointId, attribute, fallback } = partOf(part);
    if (value !== undefined) return this.words.value(valueOf(value), unit);
    const id = pointId ?? attribute;
    const known = this.rule.reads.find((one) => one.id === id);
    const name = this.nameOf(id);
    if (known !== undefined && known.value !== null) {
      return this.say('known', { name, value: this.words.value(known.value, known.unit) });
    }
    return fallback === undefined ? name : this.say('fallback', { name, value: this.amount(fallback, unit) });
  }

  private unitBeside(part: unknown): string | null {
    const { pointId, attribute } = partOf(part);
    return this.unitOf(pointId ?? attribute);
  }

  private unitOf(id: unknown): string | null {
    return this.rule.reads.find((one) => one.id === id)?.unit ?? null;
  }

  private nameOf(id: unknown): string {
    const known = this.rule.reads.find((one) => one.id === id);
    if (known === undefined) return textOf(id);
    return this.words.chinese ? known.name : known.nameEn;
  }

  private amount(amount: unknown, unit: string | null): string {
    return this.words.value(numberOf(amount), unit);
  }

  /** The largest unit in which it is a whole number. */
  private time(ms: unknown): string {
    const units = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 };
    const seconds = numberOf(ms) / SECOND;
    for (const [unit, size] of Object.entries(units)) {
      if (seconds >= size && Number.isInteger(seconds / size))
        return this.say(unit, { count: seconds / size });
    }
    return this.say('seconds', { count: formatNumber(seconds) });
  }

  private comma(): string {
    return this.say('comma');
  }

  private say(key: string, facts: Readonly<Record<string, string | number>> = {}): string {
    return this.words.text(key, facts);
  }
}

function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function partOf(part: unknown): Part {
  return typeof part === 'object' && part !== null ? (part as Part) : {};
}

function listOf(list: unknown): Part[] {
  return Array.isArray(list) ? list.map(partOf) : [];
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}

function nullableText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function valueOf(value: unknown): Value {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : null;
}

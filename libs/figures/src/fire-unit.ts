const DAY_MS = 86_400_000;

/** What an accepted alarm was found to be, in the words of the contract. */
export type FireConfirmation = 'real' | 'false' | 'test' | 'maintenance' | 'fault' | 'unconfirmed';
/** What a component is in, in the words of the contract. */
export type FireCondition =
  'fire' | 'supervisory' | 'fault' | 'shield' | 'test' | 'active' | 'unknown' | 'normal';

/** One occurrence of a fire alarm, and what it was found to be. */
export interface FireFinding {
  readonly confirmation: FireConfirmation;
  readonly firstAlarmAt: number;
}

export interface FalseAlarms {
  readonly confirmations: Readonly<Record<FireConfirmation, number>>;
  readonly falseShare: number | null;
  readonly mostFalseInADay: number;
  readonly flagged: boolean;
  /** When the sixth within 24 h came last. */
  readonly flaggedAt: number | null;
}

/** More of them in a day are talked over with the unit: GB 50440 as restated by third parties. */
export const FALSE_ALARMS_A_DAY = 5;

/** In any order. [FU11, FU12] */
export function falseAlarmsOf(findings: readonly FireFinding[], most = FALSE_ALARMS_A_DAY): FalseAlarms {
  const confirmations = { real: 0, false: 0, test: 0, maintenance: 0, fault: 0, unconfirmed: 0 };
  for (const { confirmation } of findings) confirmations[confirmation] += 1;
  const times = findings
    .filter(({ confirmation }) => confirmation === 'false')
    .map(({ firstAlarmAt }) => firstAlarmAt)
    .toSorted((a, b) => a - b);
  let mostFalseInADay = 0;
  let flaggedAt: number | null = null;
  let oldest = 0;
  for (const [index, at] of times.entries()) {
    while ((times[oldest] ?? at) <= at - DAY_MS) oldest += 1;
    const within = index - oldest + 1;
    mostFalseInADay = Math.max(mostFalseInADay, within);
    if (within > most) flaggedAt = at;
  }
  const found = findings.length - confirmations.unconfirmed;
  return {
    confirmations,
    falseShare: found === 0 ? null : confirmations.false / found,
    mostFalseInADay,
    flagged: flaggedAt !== null,
    flaggedAt,
  };
}

export interface GoodOrder {
  readonly components: number;
  readonly good: number;
  readonly impaired: number;
  readonly unknown: number;
  readonly rate: number | null;
}

/** What does what it is for; a component that is on fire or started is one of them. */
const GOOD: readonly FireCondition[] = ['normal', 'active', 'supervisory', 'fire'];

/** [FU13] */
export function goodOrderOf(conditions: readonly FireCondition[]): GoodOrder {
  const components = conditions.length;
  const good = conditions.filter((each) => GOOD.includes(each)).length;
  const unknown = conditions.filter((each) => each === 'unknown').length;
  return {
    components,
    good,
    impaired: components - good - unknown,
    unknown,
    rate: components === 0 ? null : good / components,
  };
}

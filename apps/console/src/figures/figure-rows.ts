import {
  type FiguresReply,
  type FigureVerdict,
  type FiguresView,
  type OffenderView,
} from '@watchfire/contracts';

/** How a figure is written. */
export type FigureUnit = 'count' | 'rate' | 'share' | 'time';

const UNITS = {
  binsOverShare: 'share',
  peakBin: 'count',
  floodShare: 'share',
  floods: 'count',
  floodsPerWeek: 'rate',
  floodMs: 'time',
  hoursOverShare: 'share',
  announced: 'count',
  perDay: 'rate',
  perHour: 'rate',
  perBin: 'rate',
  topShare: 'share',
  chattering: 'count',
  chatteringRuns: 'count',
  fleeting: 'count',
  standing: 'count',
  standingAtEnd: 'count',
  responseP50Ms: 'time',
  responseP95Ms: 'time',
  responseMaxMs: 'time',
  acknowledged: 'count',
  unacknowledgedAtBegin: 'count',
  unacknowledgedAtEnd: 'count',
  reopened: 'count',
  superseded: 'count',
  removed: 'count',
  settled: 'count',
  reannounced: 'count',
  covered: 'count',
  drill: 'count',
  test: 'count',
} as const satisfies Readonly<Record<string, FigureUnit>>;
export type FigureName = keyof typeof UNITS;
export const FIGURE_NAMES = Object.keys(UNITS) as FigureName[];

/** Shares of bins before means: a mean hides floods. */
export const FIGURE_SECTIONS = {
  load: ['announced', 'binsOverShare', 'peakBin', 'hoursOverShare', 'perDay', 'perHour', 'perBin'],
  floods: ['floods', 'floodShare', 'floodsPerWeek', 'floodMs'],
  nuisance: ['topShare', 'chattering', 'chatteringRuns', 'fleeting', 'standingAtEnd', 'standing'],
  response: [
    'responseP95Ms',
    'responseP50Ms',
    'responseMaxMs',
    'unacknowledgedAtBegin',
    'acknowledged',
    'reopened',
    'superseded',
    'removed',
    'settled',
    'unacknowledgedAtEnd',
  ],
  apart: ['reannounced', 'covered', 'drill', 'test'],
} as const satisfies Readonly<Record<string, readonly FigureName[]>>;
export type FigureSection = keyof typeof FIGURE_SECTIONS;
export const FIGURE_SECTION_NAMES = Object.keys(FIGURE_SECTIONS) as FigureSection[];

export interface FigureRow {
  readonly name: FigureName;
  readonly unit: FigureUnit;
  /** Null where there is nothing to say it of. */
  readonly value: number | null;
  readonly target: number | null;
  readonly source: string | null;
  readonly verdict: FigureVerdict | null;
}

function valueOf(reply: FiguresReply, name: FigureName): number | null {
  if (name === 'topShare') return reply.topShare;
  if (name === 'drill' || name === 'test') return reply.apart[name];
  return reply.total[name];
}

export function figureRows(reply: FiguresReply, section: FigureSection): FigureRow[] {
  return FIGURE_SECTIONS[section].map((name: FigureName) => {
    const target = reply.targets[name];
    return {
      name,
      unit: UNITS[name],
      value: valueOf(reply, name),
      target: target?.target ?? null,
      source: target?.source ?? null,
      verdict: reply.verdicts[name] ?? null,
    };
  });
}

export const GROUP_COLUMNS = [
  'announced',
  'peakBin',
  'floods',
  'chattering',
  'fleeting',
  'standingAtEnd',
  'unacknowledgedAtEnd',
  'responseP95Ms',
] as const satisfies readonly (FigureName & keyof FiguresView)[];
export type GroupColumn = (typeof GROUP_COLUMNS)[number];

export const unitOf = (name: FigureName): FigureUnit => UNITS[name];

/** The groups by one of their figures, the largest first; what has none comes last. */
export function sortedGroups(groups: FiguresReply['groups'], by: GroupColumn): FiguresReply['groups'] {
  return [...groups].sort(
    (a, b) => (b.figures[by] ?? -1) - (a.figures[by] ?? -1) || a.name.localeCompare(b.name),
  );
}

export interface Nuisance {
  readonly offenders: readonly OffenderView[];
  /** Chattering announcements and fleeting alarms that are of none of the ten most frequent. */
  readonly others: { readonly chattering: number; readonly fleeting: number };
}

/** Which of the most frequent alarms chatter or are fleeting, and how much of it is elsewhere. */
export function nuisance({ top, total }: Pick<FiguresReply, 'top' | 'total'>): Nuisance {
  const offenders = top
    .filter(({ chattering, fleeting }) => chattering > 0 || fleeting > 0)
    .sort((a, b) => b.chattering - a.chattering || b.fleeting - a.fleeting);
  const sum = (name: 'chattering' | 'fleeting'): number => top.reduce((all, each) => all + each[name], 0);
  return {
    offenders,
    others: {
      chattering: Math.max(0, total.chattering - sum('chattering')),
      fleeting: Math.max(0, total.fleeting - sum('fleeting')),
    },
  };
}

/** Columns of the load chart: the middle of each step in seconds, and the announcements in it; a step without any has no bar. */
export function loadColumns({
  from,
  everyMs,
  announced,
}: FiguresReply['load']): [number[], (number | null)[]] {
  return [
    announced.map((_, step) => (from + (step + 0.5) * everyMs) / 1000),
    announced.map((count) => (count === 0 ? null : count)),
  ];
}

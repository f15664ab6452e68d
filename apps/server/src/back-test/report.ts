import { type BackTestDifference, type BackTestView, type RuleFiguresView } from '@watchfire/contracts';

type Row = readonly [name: string, present: string, changed: string];

const ASSUMPTIONS: Readonly<Record<string, string>> = {
  'acknowledged-at-once':
    'Every alarm is taken as acknowledged at once, and reset when its condition is over.',
  'present-rule-of-now': 'The present rule is the one of now, also where another was in force in the period.',
  'server-absence-is-silence': 'Times in which the server was away count as silence of the devices.',
};

/** The answer for a terminal. */
export function reportText(view: BackTestView, differences: number): string {
  const { result } = view;
  if (result === null) return '';
  const { present, changed } = result;
  const rows: Row[] = [
    row('Alarms raised', present, changed, ({ raised }) => String(raised)),
    row('  announced (levels too)', present, changed, ({ announced }) => String(announced)),
    row(
      '  chattering',
      present,
      changed,
      ({ chattering, chatteringRuns }) => `${chattering} in ${chatteringRuns} runs`,
    ),
    row('  fleeting (< 30 s)', present, changed, ({ fleeting }) => String(fleeting)),
    row('Levels', present, changed, levelsText),
    row('Active in all', present, changed, ({ standingMs }) => durationText(standingMs)),
    row('  longest', present, changed, ({ longestMs }) => durationText(longestMs)),
    row('Most in ten minutes', present, changed, ({ mostInTenMinutes }) => String(mostInTenMinutes)),
    row('First', present, changed, ({ firstAt }) => timeText(firstAt)),
    row('Last', present, changed, ({ lastAt }) => timeText(lastAt)),
    row('Active at the start', present, changed, ({ activeAtStart }) => String(activeAtStart)),
    row('Active at the end', present, changed, ({ activeAtEnd }) => String(activeAtEnd)),
    ['Without a counterpart', String(result.onlyPresent), String(result.onlyChanged)],
  ];
  const listed = result.differences.slice(0, differences);
  const more = result.onlyPresent + result.onlyChanged - listed.length;
  return [
    `${view.ruleKey}, ${view.devices} device${view.devices === 1 ? '' : 's'}, ${timeText(view.from)} to ${timeText(view.to)}, ${result.samples} samples`,
    '',
    ...table([['', 'present rule', 'changed rule'], ...rows]),
    ...(listed.length === 0 ? [] : ['', 'Alarms of one rule only:', ...listed.map(differenceText)]),
    ...(listed.length > 0 && more > 0 ? [`  and ${more} more`] : []),
    '',
    ...view.assumptions.map((one) => ASSUMPTIONS[one] ?? one),
    '',
  ].join('\n');
}

function row(
  name: string,
  present: RuleFiguresView,
  changed: RuleFiguresView,
  text: (figures: RuleFiguresView) => string,
): Row {
  return [name, text(present), text(changed)];
}

function table(rows: readonly Row[]): string[] {
  const width = (column: 0 | 1 | 2): number => Math.max(...rows.map((each) => each[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  return rows.map(([name, present, changed]) =>
    `${name.padEnd(first)}  ${present.padStart(second)}  ${changed.padStart(third)}`.trimEnd(),
  );
}

function differenceText({ only, deviceId, level, value, raisedAt, clearedAt }: BackTestDifference): string {
  const about = [level, value === null ? null : String(value)].filter((one) => one !== null).join(' ');
  return `  ${only.padEnd(7)}  ${deviceId}  ${timeText(raisedAt)} to ${timeText(clearedAt)}  ${about}`.trimEnd();
}

function levelsText({ levels }: RuleFiguresView): string {
  return Object.entries(levels)
    .map(([level, count]) => (level === '' ? String(count) : `${level} ${count}`))
    .join(', ');
}

function timeText(at: number | null): string {
  return at === null ? '–' : new Date(at).toISOString().replace('.000Z', 'Z');
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

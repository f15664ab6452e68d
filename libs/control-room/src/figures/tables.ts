import { type ExposureView, type FiguresReply, type FiguresView, PRIORITIES } from '@watchfire/contracts';
import { type CsvCell, csvOf } from './csv.js';

const time = (at: number | null): CsvCell => (at === null ? null : new Date(at).toISOString());

export function exposureTable(entries: readonly ExposureView[]): string {
  const header = [
    'kind',
    'safety',
    'site',
    'device',
    'deviceId',
    'point',
    'pointId',
    'rule',
    'since',
    'until',
    'by',
    'approvedBy',
    'reason',
    'compensatingMeasure',
    'points',
    'rules',
    'drill',
  ];
  const rows = entries.map((entry): CsvCell[] => [
    entry.kind,
    entry.safety,
    entry.siteName,
    entry.deviceName,
    entry.deviceId,
    entry.pointName,
    entry.pointId,
    entry.ruleKey,
    time(entry.since),
    time(entry.until),
    entry.by,
    entry.approvedBy,
    entry.reason,
    entry.compensatingMeasure,
    entry.points,
    entry.rules.map(({ key, class: signalClass }) => `${signalClass}:${key}`).join(' '),
    entry.drill,
  ]);
  return csvOf(header, rows);
}

const FIGURES = [
  'announced',
  'reannounced',
  'reopened',
  'covered',
  'perDay',
  'perHour',
  'perBin',
  'peakBin',
  'binsOver',
  'binsOverShare',
  'hoursOver',
  'hoursOverShare',
  'floods',
  'floodMs',
  'floodShare',
  'floodsPerWeek',
  'chattering',
  'chatteringRuns',
  'fleeting',
  'standing',
  'standingAtEnd',
  'unacknowledgedAtBegin',
  'unacknowledgedAtEnd',
  'acknowledged',
  'responseP50Ms',
  'responseP95Ms',
  'responseMaxMs',
  'superseded',
  'removed',
  'settled',
] as const satisfies readonly (keyof FiguresView)[];

export function figuresTable({ from, to, total, groups }: FiguresReply): string {
  const row = (key: string, name: string, figures: FiguresView): CsvCell[] => [
    key,
    name,
    time(from),
    time(to),
    ...FIGURES.map((figure) => figures[figure]),
    ...PRIORITIES.map((priority) => figures.byPriority[priority]),
  ];
  return csvOf(
    ['key', 'name', 'from', 'to', ...FIGURES, ...PRIORITIES],
    [row('', '', total), ...groups.map(({ key, name, figures }) => row(key, name, figures))],
  );
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { table, whole } from './table.js';

/** Milliseconds, over some rounds. */
export interface Spread {
  readonly median: number;
  readonly best: number;
}

/** What `history-speed.mjs` measures; its shape is described there. */
export interface HistoryFigures {
  readonly days: number;
  readonly samples: number;
  readonly bytesASample: number;
  readonly rollUpBytesADay: number;
  readonly samplesPerSecond: number;
  readonly rollUpMsADay: number;
  readonly rollUpWaitMs: number;
  readonly dayMs: Spread;
  readonly dayAsObjectsMs: Spread;
  readonly dayInBucketsMs: Spread;
  readonly yearOfHoursMs: Spread;
  readonly yearOfMinutesMs: Spread;
  readonly yearFromSamplesMs: Spread;
}

const PROGRAM = 'test/bench/history-speed.mjs';

/** Measures the embedded history in a process of its own; rejects with what that wrote when it failed. */
export async function measureHistory(days: number, folder: string): Promise<HistoryFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, String(days), folder]);
  return JSON.parse(stdout) as HistoryFigures;
}

/** The targets are those of docs/bench.md. */
export function historyText(figures: HistoryFigures): string {
  const { days, bytesASample, rollUpBytesADay, samplesPerSecond, rollUpMsADay, rollUpWaitMs } = figures;
  const spread = ({ median, best }: Spread): string => `${median.toFixed(1)} (${best.toFixed(1)})`;
  const all = `all ${whole(days)} days as 1,000 buckets, ms`;
  const rows = [
    ['', 'measured', 'target'],
    ['bytes a sample, the whole file', bytesASample.toFixed(2), '≤ 3'],
    ['roll-ups, bytes a day', whole(rollUpBytesADay), ''],
    ['taken and flushed, samples/s', whole(samplesPerSecond), ''],
    ['a day rolled up, ms', rollUpMsADay.toFixed(1), ''],
    ['longest wait of a question meanwhile, ms', rollUpWaitMs.toFixed(1), ''],
    ['a day (86,400 samples) as columns, ms', spread(figures.dayMs), '< 10'],
    ['the same as objects, ms', spread(figures.dayAsObjectsMs), ''],
    ['a day of samples as 1,000 buckets, ms', spread(figures.dayInBucketsMs), ''],
    [`${all}: from hours`, spread(figures.yearOfHoursMs), '< 1,000'],
    [`${all}: from minutes`, spread(figures.yearOfMinutesMs), '< 1,000'],
    [`${all}: from samples`, spread(figures.yearFromSamplesMs), ''],
  ];
  return `Embedded history, one point at 1 s, ${whole(figures.samples)} samples (times: median (best))\n\n${table(rows)}`;
}

import { isAboutFlood, type Transition } from '@watchfire/alarm';
import { FloodFold, type Flood } from './flood.js';
import { LoadFold } from './load.js';
import { type AlarmTally, type FigureLimits, type LoadFigures } from './model.js';
import { percentile } from './percentile.js';

/** What is counted by itself, and needs no time. */
const COUNTERS = {
  announced: 0,
  reannounced: 0,
  reopened: 0,
  covered: 0,
  chattering: 0,
  chatteringRuns: 0,
  fleeting: 0,
  standing: 0,
  standingAtEnd: 0,
  unacknowledgedAtBegin: 0,
  unacknowledgedAtEnd: 0,
  superseded: 0,
  removed: 0,
  settled: 0,
};
export type Counter = Exclude<keyof typeof COUNTERS, 'announced'>;

/** The figures of one group of alarms while they are counted. */
export class ScopeTally {
  private readonly counts = { ...COUNTERS };
  private readonly load: LoadFold;
  private readonly floodFold: FloodFold;
  private readonly responses: number[] = [];
  private readonly bySeverity: Record<number, number> = {};

  constructor(
    from: number,
    private readonly limits: FigureLimits,
    /** As it was called last. */
    public name: string,
  ) {
    this.load = new LoadFold(from);
    this.floodFold = new FloodFold(limits);
  }

  announce({ at, alarm, annunciation }: Pick<Transition, 'at' | 'alarm' | 'annunciation'>): void {
    this.counts.announced += 1;
    this.load.announce(at);
    if (annunciation !== 'joined' && !isAboutFlood(alarm)) this.floodFold.announce(at);
    const band = Math.floor(alarm.severity / 100) * 100;
    this.bySeverity[band] = (this.bySeverity[band] ?? 0) + 1;
  }

  add(counter: Counter, count = 1): void {
    this.counts[counter] += count;
  }

  acknowledge(afterMs: number): void {
    this.responses.push(afterMs);
  }

  floods(to: number): readonly Flood[] {
    return this.floodFold.floods(to);
  }

  over(to: number): LoadFigures {
    return this.load.over(to);
  }

  tally(to: number): AlarmTally {
    const floods = this.floods(to);
    const responses = Float64Array.from(this.responses).sort();
    return {
      ...this.counts,
      bySeverity: { ...this.bySeverity },
      peakBin: this.load.peakBin,
      peakAt: this.load.peakAt,
      binsOver: this.load.binsOver(this.limits.binOver),
      hoursOver: this.load.hoursOver(this.limits.hourOver),
      floods: floods.length,
      floodMs: floods.reduce((sum, flood) => sum + (flood.to ?? to) - flood.from, 0),
      response: {
        count: responses.length,
        p50: percentile(responses, 0.5),
        p95: percentile(responses, 0.95),
        max: responses.at(-1) ?? null,
      },
    };
  }
}

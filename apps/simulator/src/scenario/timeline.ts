import { type DemoScenario, type DemoStep } from '@watchfire/catalogue';

/** A step of a scenario with the time that it has in this run. */
export interface TimedStep {
  readonly step: DemoStep;
  /** Epoch ms. */
  readonly at: number;
  /** How long a ramp takes, ms; 0 for what happens at once. */
  readonly durationMs: number;
}

/** The time line of one run. `speed` 2 plays it in half the time. */
export function timelineOf(scenario: DemoScenario, startAt: number, speed: number): readonly TimedStep[] {
  return scenario.steps.map((step) => ({
    step,
    at: startAt + (step.at * 1000) / speed,
    durationMs: step.do === 'ramp' ? (step.seconds * 1000) / speed : 0,
  }));
}

/** When the last step has been done and the last ramp has arrived. */
export function endOfTimeline(steps: readonly TimedStep[]): number {
  return Math.max(...steps.map(({ at, durationMs }) => at + durationMs));
}

export function devicesOf(scenario: DemoScenario): readonly string[] {
  return [...new Set(scenario.steps.map(({ device }) => device))];
}

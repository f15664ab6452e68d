import { type DemoScenario } from '@watchfire/catalogue';
import { type Scheduler } from '../field/scheduler.js';

export interface Stage {
  play(scenario: DemoScenario): number;
  release(scenario: DemoScenario): void;
}

/** Until somebody who has just started the demo has found the page. */
const FIRST_MS = 15_000;
/** After the last step: time to handle what it raised. */
const HOLD_MS = 60_000;
const PAUSE_MS = 90_000;

/** The demo's evening: one scenario after the other, in the order of the file, with calm in between. */
export class Story {
  #next = 0;
  readonly #playing = new Set<string>();

  constructor(
    private readonly scenarios: readonly DemoScenario[],
    private readonly stage: Stage,
    private readonly scheduler: Scheduler,
    private readonly tell: (scenario: DemoScenario) => void,
  ) {}

  start(): void {
    if (this.scenarios.length > 0) this.scheduler.at(this.scheduler.now() + FIRST_MS, () => this.#turn());
  }

  /** Plays one out of turn. False when it is being played already. */
  play(scenario: DemoScenario): boolean {
    return this.#begin(scenario) !== undefined;
  }

  #turn(): void {
    const scenario = this.scenarios[this.#next++ % this.scenarios.length];
    if (scenario === undefined) return;
    const releasedAt = this.#begin(scenario) ?? this.scheduler.now();
    this.scheduler.at(releasedAt + PAUSE_MS, () => this.#turn());
  }

  #begin(scenario: DemoScenario): number | undefined {
    if (this.#playing.has(scenario.key)) return undefined;
    this.#playing.add(scenario.key);
    this.tell(scenario);
    const releaseAt = this.stage.play(scenario) + HOLD_MS;
    this.scheduler.at(releaseAt, () => {
      this.stage.release(scenario);
      this.#playing.delete(scenario.key);
    });
    return releaseAt;
  }
}

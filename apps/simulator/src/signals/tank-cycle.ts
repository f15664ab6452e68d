import { type DemoSignal } from '@watchfire/catalogue';
import { type Random } from '../random.js';
import { type Values, type ValueSource } from './values.js';

/** Shares of a cycle: filling, standing full, drawing off, standing low. */
const FILLED = 0.3;
const STOOD = 0.5;
const DRAWN = 0.8;

/**
 * The level of a tank that is filled and drawn off in turn: `base` ± `amplitude` per cent within `periodSeconds`, with
 * the valves that explain it. A level that moves has exactly one valve open; one that stands has both closed.
 */
export class TankCycle implements ValueSource {
  readonly #phase: number;

  constructor(
    private readonly spec: DemoSignal,
    private readonly random: Random,
  ) {
    this.#phase = random.next();
  }

  values(at: number): Values {
    const turns = at / (this.spec.periodSeconds * 1000) + this.#phase;
    const share = turns - Math.floor(turns);
    const moves = this.spec.amplitude > 0;
    return {
      levelPercent: this.spec.base + this.spec.amplitude * (2 * fullness(share) - 1) + this.noise(),
      valveIn: moves && share < FILLED,
      valveOut: moves && share >= STOOD && share < DRAWN,
    };
  }

  noise(): number {
    return this.spec.noise * this.random.normal();
  }
}

/** 0 to 1. */
function fullness(share: number): number {
  if (share < FILLED) return share / FILLED;
  if (share < STOOD) return 1;
  if (share < DRAWN) return 1 - (share - STOOD) / (DRAWN - STOOD);
  return 0;
}

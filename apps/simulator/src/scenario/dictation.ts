import { type PointValue, type Values } from '../signals/values.js';
import { type Dictated } from '../signals/device-model.js';

interface Ramp {
  readonly from: number;
  readonly to: number;
  readonly startAt: number;
  readonly endAt: number;
}

/** What a scenario holds one device to: points that follow a ramp, and points that stand still. */
export class Dictation {
  readonly #ramps = new Map<string, Ramp>();
  readonly #fixed = new Map<string, PointValue>();

  /** In a straight line from `from` at `startAt` to `to` at `endAt`, and there it stays. */
  ramp(key: string, ramp: Ramp): void {
    this.#fixed.delete(key);
    this.#ramps.set(key, ramp);
  }

  set(values: Values): void {
    for (const [key, value] of Object.entries(values)) {
      this.#ramps.delete(key);
      this.#fixed.set(key, value);
    }
  }

  release(): void {
    this.#ramps.clear();
    this.#fixed.clear();
  }

  get active(): boolean {
    return this.#ramps.size + this.#fixed.size > 0;
  }

  /** True while a ramp is on its way: the device then has something new to say all the time. */
  moving(at: number): boolean {
    return [...this.#ramps.values()].some((ramp) => at <= ramp.endAt);
  }

  at(at: number): ReadonlyMap<string, Dictated> {
    const dictated = new Map<string, Dictated>();
    for (const [key, value] of this.#fixed) dictated.set(key, { value, noisy: false });
    for (const [key, ramp] of this.#ramps) dictated.set(key, { value: valueOf(ramp, at), noisy: true });
    return dictated;
  }
}

function valueOf({ from, to, startAt, endAt }: Ramp, at: number): number {
  if (at >= endAt) return to;
  if (at <= startAt) return from;
  return from + ((to - from) * (at - startAt)) / (endAt - startAt);
}

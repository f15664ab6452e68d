import { type DemoDevice, type Profile } from '@watchfire/catalogue';
import { Random } from '../random.js';
import { DailyTest } from './daily-test.js';
import { LiftCar } from './lift-car.js';
import { TankCycle } from './tank-cycle.js';
import { pointOf, quantise, type PointValue, type Values, type ValueSource } from './values.js';
import { WanderingSignal } from './wandering-signal.js';

/** What a scenario dictates, before the instrument has looked at it. */
export interface Dictated {
  readonly value: PointValue;
  /** True where the instrument's noise lies over it: a number that ramps, not one that is set. */
  readonly noisy: boolean;
}

/**
 * One device as its messages show it. The same seed, device and times give the same messages, whatever the machine does.
 */
export class DeviceModel {
  readonly #sources: ValueSource[] = [];
  readonly #noise = new Map<string, { noise(): number }>();

  constructor(
    private readonly device: DemoDevice,
    private readonly profile: Profile,
    seed: string,
  ) {
    const stream = (name: string): Random => new Random(`${seed}/${device.id}/${name}`);
    const { states, signals, lift, tankHeight } = device.simulation;
    this.#sources.push({ values: () => states });
    if (lift !== undefined) this.#sources.push(new LiftCar(lift, stream('lift')));
    if (pointOf(profile, 'test') !== undefined) this.#sources.push(new DailyTest(stream('test')));
    for (const [key, spec] of Object.entries(signals)) {
      if (key === 'levelPercent' && tankHeight !== undefined) {
        const tank = new TankCycle(spec, stream('tank'));
        this.#sources.push(tank);
        this.#noise.set(key, tank);
        continue;
      }
      const signal = new WanderingSignal(spec, stream(key));
      this.#sources.push({ values: (at) => ({ [key]: signal.at(at) }) });
      this.#noise.set(key, signal);
    }
  }

  /** The next message. `at` (epoch ms) must not fall; what `dictated` names is taken from there. */
  values(at: number, dictated: ReadonlyMap<string, Dictated>): Values {
    const values: Record<string, PointValue> = {};
    for (const source of this.#sources) Object.assign(values, source.values(at));
    for (const [key, { value, noisy }] of dictated)
      values[key] = noisy && typeof value === 'number' ? value + (this.#noise.get(key)?.noise() ?? 0) : value;
    this.#levelOfTank(values, dictated);
    for (const [key, value] of Object.entries(values))
      if (typeof value === 'number') values[key] = quantise(value, pointOf(this.profile, key));
    return values;
  }

  /** Both scales of a level are one liquid: the dictated one leads, otherwise per cent. */
  #levelOfTank(values: Record<string, PointValue>, dictated: ReadonlyMap<string, Dictated>): void {
    const height = this.device.simulation.tankHeight;
    if (height === undefined) return;
    const { level, levelPercent } = values;
    if (dictated.has('level') && typeof level === 'number') values.levelPercent = (100 * level) / height;
    else if (typeof levelPercent === 'number') values.level = (levelPercent * height) / 100;
  }
}

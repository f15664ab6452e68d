import { type DemoDevice, type DemoStep, type Profile } from '@watchfire/catalogue';
import { Random } from '../random.js';
import { Dictation } from '../scenario/dictation.js';
import { DeviceModel } from '../signals/device-model.js';
import { type Values } from '../signals/values.js';
import { type DeviceClient } from './device-client.js';
import { type ScheduledTask, type Scheduler } from './scheduler.js';

/** A value on the move is published this often at least, as a real detector reports by exception. */
const MOVING_PUBLISH_MS = 2_000;
const JITTER = 0.05;

/** One device at work: takes its readings on time, and does what a scenario says. */
export class FieldDevice {
  readonly #dictation = new Dictation();
  readonly #model: DeviceModel;
  readonly #jitter: Random;
  #last: Values = {};
  #next: ScheduledTask | undefined;

  constructor(
    private readonly device: DemoDevice,
    private readonly profile: Profile,
    seed: string,
    private readonly client: DeviceClient,
    private readonly scheduler: Scheduler,
  ) {
    this.#model = new DeviceModel(device, profile, seed);
    this.#jitter = new Random(`${seed}/${device.id}/interval`);
  }

  get id(): string {
    return this.device.id;
  }

  start(at: number): void {
    this.scheduler.at(at, () => this.client.start());
    this.#next = this.scheduler.at(at, (dueAt) => this.#publish(dueAt));
    for (const { event, everySeconds } of this.device.simulation.routine) {
      const everyMs = everySeconds * 1000;
      this.#repeat(at + this.#jitter.between(0, everyMs), everyMs, event);
    }
  }

  stop(): Promise<void> {
    this.#next?.cancel();
    return this.client.stop();
  }

  /** `at`: when the step was due; `durationMs`: how long a ramp takes. */
  apply(step: DemoStep, at: number, durationMs: number): void {
    switch (step.do) {
      case 'ramp': {
        const from = this.#last[step.point];
        this.#dictation.ramp(step.point, {
          from: typeof from === 'number' ? from : step.to,
          to: step.to,
          startAt: at,
          endAt: at + durationMs,
        });
        break;
      }
      case 'set':
        this.#dictation.set(step.values);
        break;
      case 'event':
        this.#dictation.set(this.profile.events[step.event] ?? {});
        this.client.event(this.#timeOf(at), step.event);
        return;
      case 'release':
        this.#dictation.release();
        break;
    }
    this.#publishNow(at);
  }

  /** Back to its own behaviour. */
  release(at: number): void {
    if (!this.#dictation.active) return;
    this.#dictation.release();
    this.#publishNow(at);
  }

  /** An event that comes again and again and changes no value, such as the test call of a lift. */
  #repeat(at: number, everyMs: number, event: string): void {
    this.scheduler.at(at, (dueAt) => {
      this.client.event(this.#timeOf(dueAt), event);
      this.#repeat(this.scheduler.now() + everyMs, everyMs, event);
    });
  }

  #publishNow(at: number): void {
    this.#next?.cancel();
    this.#publish(at);
  }

  #publish(dueAt: number): void {
    const at = this.#timeOf(dueAt);
    this.#last = this.#model.values(at, this.#dictation.at(at));
    this.client.telemetry(at, this.#last);
    this.#next = this.scheduler.at(at + this.#pause(at), (next) => this.#publish(next));
  }

  /**
   * A reading has the time for which it was due, so that a run can be repeated; but not when the machine was asleep in
   * between: then what was missed is missed, as with a device without power.
   */
  #timeOf(dueAt: number): number {
    const now = this.scheduler.now();
    return now - dueAt > this.device.simulation.publishSeconds * 1000 ? now : Math.round(dueAt);
  }

  #pause(at: number): number {
    const usual = this.device.simulation.publishSeconds * 1000;
    const pause = this.#dictation.moving(at) ? Math.min(MOVING_PUBLISH_MS, usual) : usual;
    return pause * this.#jitter.between(1 - JITTER, 1 + JITTER);
  }
}

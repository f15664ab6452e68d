import { type ErrorMessage } from '@watchfire/contracts';
import { type DeviceReports } from './device-client.js';
import { type Scheduler } from './scheduler.js';

const PAUSE_MS = 60_000;

/** Says once a minute at most what went wrong in the field: two hundred devices would fill the screen. */
export class FleetLog implements DeviceReports {
  #connected = 0;
  #acknowledged = 0;
  #losses = 0;
  #refusals = 0;
  #example = '';
  #said = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly say: (line: string) => void,
  ) {}

  get acknowledgedMessages(): number {
    return this.#acknowledged;
  }

  get connections(): number {
    return this.#connected;
  }

  connected(): void {
    this.#connected++;
  }

  disconnected(deviceId: string, reason: string): void {
    this.#losses++;
    this.#soon(`${deviceId}: ${reason}`);
  }

  acknowledged(messages: number): void {
    this.#acknowledged += messages;
  }

  refused(deviceId: string, error: ErrorMessage): void {
    this.#refusals++;
    this.#soon(`${deviceId}: ${error.code}: ${error.message}`);
  }

  missing(deviceId: string, reason: string): void {
    this.#soon(`${deviceId}: ${reason}`);
  }

  #soon(example: string): void {
    this.#example = example;
    if (this.#said) return;
    this.#said = true;
    // After a second, so that the losses of one cut come as one line.
    this.scheduler.at(this.scheduler.now() + 1_000, () => {
      const { size, text } = { size: this.#losses + this.#refusals, text: this.#example };
      this.say(`${size} lost connections or refused messages / 连接中断或消息被拒 (${text})`);
      this.#losses = 0;
      this.#refusals = 0;
      this.scheduler.at(this.scheduler.now() + PAUSE_MS, () => (this.#said = false));
    });
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { telemetryTopic } from '@watchfire/contracts';
import { type MqttClient } from 'mqtt';

/** A device that says something every few milliseconds and takes the time until it is acknowledged. */
export class HonestDevice {
  readonly times: number[] = [];
  #running = true;
  readonly #ended: Promise<void>;

  constructor(
    private readonly client: MqttClient,
    private readonly deviceId: string,
    private readonly everyMs: number,
  ) {
    this.#ended = this.#run();
  }

  /** Ends it; answers the 99th percentile in ms. Rejects when a reading was not acknowledged, or the connection was lost. */
  async p99(): Promise<number> {
    this.#running = false;
    await this.#ended;
    const sorted = this.times.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  }

  async #run(): Promise<void> {
    for (let n = 0; this.#running; n++) {
      const since = performance.now();
      const payload = `{"values":{"conc":${n % 20}}}`;
      await this.client.publishAsync(telemetryTopic(this.deviceId), payload, { qos: 1 });
      this.times.push(performance.now() - since);
      await sleep(this.everyMs);
    }
  }
}

import { type ErrorMessage, eventsTopic, telemetryTopic } from '@watchfire/contracts';
import { type Random } from '../random.js';
import { type Values } from '../signals/values.js';
import { Backlog, type Outgoing } from './backlog.js';
import { type DeviceLink } from './device-link.js';
import { type Scheduler } from './scheduler.js';

export interface DeviceReports {
  connected(deviceId: string): void;
  disconnected(deviceId: string, reason: string): void;
  /** Messages that the server has acknowledged. */
  acknowledged(messages: number): void;
  /** The server could not use a message and said why. */
  refused(deviceId: string, error: ErrorMessage): void;
}

export interface DeviceClientOptions {
  readonly deviceId: string;
  /** Names this start of the device; `seq` begins anew with it. */
  readonly boot: string;
  /** Spreads the attempts to reconnect. */
  readonly random: Random;
}

/** Readings that the memory of a device holds while the line is away. */
const BACKLOG_MESSAGES = 2_000;
const BACKFILL_BATCH = 50;
/** Readings sent and not yet acknowledged; a server that is that slow gets the rest later, as history. */
const MOST_UNDER_WAY = 100;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** A line that goes sooner was not worth much: a server that refuses, another client that uses the same id. */
const STEADY_AFTER_MS = 10_000;

/**
 * What a good terminal does: numbers its readings, says the present at once, keeps what was not acknowledged, and when
 * the line is back fills the gap, oldest first, marked as history. The present never waits for the past.
 */
export class DeviceClient {
  readonly #backlog = new Backlog(BACKLOG_MESSAGES);
  readonly #underWay = new Map<number, Outgoing>();
  #order = 0;
  #seq = 0;
  #up = false;
  #session = 0;
  #attempts = 0;
  #upAt = 0;
  #filling = false;
  #stopped = false;

  constructor(
    private readonly options: DeviceClientOptions,
    private readonly link: DeviceLink,
    private readonly scheduler: Scheduler,
    private readonly reports: DeviceReports,
  ) {}

  get connected(): boolean {
    return this.#up;
  }

  get waiting(): number {
    return this.#backlog.size;
  }

  start(): void {
    if (this.#stopped) return;
    const session = ++this.#session;
    this.link.connect({
      up: () => this.#onUp(session),
      down: (reason) => this.#onDown(session, reason),
      message: (_topic, payload) => this.#onError(payload),
    });
  }

  /** `at`: epoch ms, the device's clock. */
  telemetry(at: number, values: Values): void {
    const message = { values, ts: at, seq: ++this.#seq, boot: this.options.boot };
    this.#say({ kind: 'telemetry', order: this.#order++, message });
  }

  event(at: number, event: string): void {
    this.#say({ kind: 'event', order: this.#order++, message: { event, ts: at } });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.link.close();
  }

  #say(outgoing: Outgoing): void {
    if (this.#up && this.#underWay.size < MOST_UNDER_WAY) this.#send(outgoing);
    else this.#backlog.add(outgoing);
  }

  #send(outgoing: Outgoing): void {
    this.#underWay.set(outgoing.order, outgoing);
    const topic = this.#topicOf(outgoing);
    this.link.publish(topic, JSON.stringify(outgoing.message)).then(
      () => {
        // An answer that comes after the line was given up counts for nothing: the message is in the backlog.
        if (!this.#underWay.delete(outgoing.order)) return;
        this.reports.acknowledged(1);
        void this.#backfill(this.#session);
      },
      () => undefined, // The line went; `down` follows and puts the message into the backlog.
    );
  }

  #topicOf({ kind }: Outgoing): string {
    const { deviceId } = this.options;
    return kind === 'event' ? eventsTopic(deviceId) : telemetryTopic(deviceId);
  }

  #onUp(session: number): void {
    if (session !== this.#session) return;
    this.#up = true;
    this.#upAt = this.scheduler.now();
    this.#filling = false;
    this.reports.connected(this.options.deviceId);
    void this.#backfill(session);
  }

  #onDown(session: number, reason: string): void {
    if (session !== this.#session) return;
    const steady = this.#up && this.scheduler.now() - this.#upAt >= STEADY_AFTER_MS;
    if (steady) this.#attempts = 0;
    this.#up = false;
    this.#backlog.add(...this.#underWay.values());
    this.#underWay.clear();
    if (this.#stopped) return;
    if (this.#attempts === 0) this.reports.disconnected(this.options.deviceId, reason);
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    this.scheduler.at(this.scheduler.now() + pause * this.options.random.between(0.5, 1.5), () =>
      this.start(),
    );
  }

  /** One publish at a time, so that the order holds; ends when the line goes, and begins anew when it is back. */
  async #backfill(session: number): Promise<void> {
    if (this.#filling) return;
    this.#filling = true;
    for (let batch = this.#backlog.next(BACKFILL_BATCH); batch.length > 0;) {
      const acknowledged = await this.#publishOld(batch).then(
        () => true,
        () => false,
      );
      if (!acknowledged || session !== this.#session || !this.#up) return;
      this.#backlog.done(batch);
      this.reports.acknowledged(batch.length);
      batch = this.#backlog.next(BACKFILL_BATCH);
    }
    this.#filling = false;
  }

  async #publishOld(batch: readonly Outgoing[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const payload =
      first.kind === 'event' ? first.message : batch.map(({ message }) => ({ ...message, hist: true }));
    await this.link.publish(this.#topicOf(first), JSON.stringify(payload));
  }

  #onError(payload: Uint8Array): void {
    try {
      const error = JSON.parse(Buffer.from(payload).toString('utf8')) as ErrorMessage;
      this.reports.refused(this.options.deviceId, error);
    } catch {
      // Not an answer of this server; a device cannot do anything about it.
    }
  }
}

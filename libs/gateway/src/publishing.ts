import { type ErrorMessage, errorsTopic } from '@watchfire/contracts';
import { type Journal } from '@watchfire/journal';
import { type Downlink, TelemetryScanner } from '@watchfire/protocol';
import { ReadingBuilder } from '@watchfire/readings';
import { type PublishPacket } from 'aedes';
import { Acknowledgements } from './acknowledgements.js';
import { type GatewayCounters } from './counters.js';
import { type DeviceRates } from './device-rates.js';
import { type DeviceDirectory } from './directory.js';
import { type Intake, type IntakeResult } from './intake.js';
import { type GatewayLimits } from './limits.js';
import { type PublishFrame } from './publish-frame.js';
import { type Repeats } from './repeats.js';
import { type Session, type Sessions } from './session.js';
import { TelemetryLanes, type TelemetryLane } from './telemetry-lane.js';
import { delay, settled, withinTime } from './time-limit.js';

export interface PublishingDependencies {
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly intake: Intake;
  readonly rates: DeviceRates;
  readonly repeats: Repeats;
  readonly sessions: Sessions;
  /** Gives a message to a connection that has subscribed to it. */
  readonly deliver: (session: Session, downlink: Downlink) => void;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly monotonicMs: () => number;
  readonly limits: GatewayLimits;
  readonly counters: GatewayCounters;
  /** A publish of this session is not on disk, or not in time: it must not be acknowledged. */
  readonly failed: (session: Session, error: Error) => void;
}

/** Readings that go to the journal together at most. */
const MAX_TOGETHER = 1_024;

/**
 * What becomes of a publish between the socket and its acknowledgement. Telemetry of the own dialect goes straight from the
 * bytes of the socket into columns, everything that sockets bring in one turn of the loop is one entry of the journal, and
 * what came of it is acknowledged together. All other messages, and telemetry with anything unusual in it, go through the
 * intake, one by one, without overtaking or being overtaken [IN32].
 */
export class Publishing {
  private readonly builder = new ReadingBuilder();
  private readonly scanner: TelemetryScanner;
  private readonly lanes: TelemetryLanes;
  private readonly acknowledgements: Acknowledgements<Session>;
  private scheduled = false;
  /** Of what is being read. */
  private receivedAt = 0;
  private monotonicAt = 0;
  /** Entries of readings that the journal has not decided yet. */
  private storing = 0;

  constructor(private readonly deps: PublishingDependencies) {
    const { directory, rates, repeats, limits, monotonicMs, failed } = deps;
    this.scanner = new TelemetryScanner(limits);
    this.lanes = new TelemetryLanes(directory, rates, repeats);
    this.acknowledgements = new Acknowledgements(limits.hookTimeoutMs, monotonicMs, failed);
  }

  /** What follows was received now; answers monotonic ms. */
  noteTime(): number {
    this.receivedAt = this.deps.clock();
    return (this.monotonicAt = this.deps.monotonicMs());
  }

  /** A publish in front of the broker. */
  arrived(session: Session, frame: PublishFrame): void {
    const { counters } = this.deps;
    const { qos, packetId } = frame;
    if (frame.retain) counters.retainStripped++;
    if (qos === 2 && session.isUnreleased(packetId)) {
      counters.duplicates++;
    } else if (!this.takeFast(session, frame)) {
      this.takeSlowly(session, frame);
    }
    if (qos === 2) session.holdUntilReleased(packetId);
    this.acknowledgements.add(session, packetId, qos);
    if (this.builder.count >= MAX_TOGETHER) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(this.flushInTurn);
    }
  }

  /** A publish that has come through the broker. Resolves when the packet may be acknowledged: all that came of it is on disk. */
  async publish(session: Session, packet: PublishPacket): Promise<void> {
    const { counters, limits } = this.deps;
    if (packet.retain) {
      packet.retain = false;
      counters.retainStripped++;
    }
    const packetId = packet.qos === 2 ? packet.messageId : undefined;
    const earlier = packetId === undefined ? undefined : session.earlierCopy(packetId);
    if (earlier !== undefined) {
      counters.duplicates++;
      await withinTime(earlier, limits.hookTimeoutMs);
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const work = this.takeIn(session, packet.topic, payload);
    // It goes to nobody: the broker must not keep it for a QoS 2 handshake that may never end.
    packet.payload = NOTHING;
    if (packetId !== undefined) session.remember(packetId, work);
    const waitMs = this.tell(session, payload.length, await withinTime(work, limits.hookTimeoutMs));
    // A device that sends too much, or nothing but nonsense, is slowed down, not silenced.
    if (waitMs > 0) await delay(Math.min(waitMs, limits.hookTimeoutMs / 2));
  }

  /** A message by its topic: a publish, or a last will. Hands its records to the journal before it returns. */
  takeIn(session: Session, topic: string, payload: Uint8Array): Promise<IntakeResult> {
    this.flush();
    return settled(() =>
      this.deps.intake.take(session.speaker, { topic, payload, receivedAt: this.deps.clock() }),
    );
  }

  /** Hands what was collected to the journal. */
  flush(): void {
    const { journal, counters } = this.deps;
    if (this.builder.count === 0) {
      if (!this.acknowledgements.isEmpty) this.acknowledgements.close();
      return;
    }
    const readings = this.builder.take();
    const { count } = readings;
    this.storing++;
    const stored = settled(() => journal.appendReadings(readings)).then(
      () => {
        counters.journalled += count;
        this.stored();
      },
      (error: unknown) => {
        this.stored();
        // The numbers of these messages were taken for seen, and the messages are not on disk.
        for (const { deviceId } of readings.sources) this.deps.repeats.forget(deviceId);
        throw error;
      },
    );
    this.deps.repeats.storing(stored);
    this.acknowledgements.close(stored);
  }

  /** Resolves when everything that was taken is decided. */
  idle(): Promise<void> {
    this.flush();
    return this.acknowledgements.idle();
  }

  stop(): void {
    this.acknowledgements.stop();
  }

  private readonly flushInTurn = (): void => {
    this.scheduled = false;
    // While the disk is busy with one entry, what comes is collected for the next: few large ones cost less than many small.
    if (this.storing === 0) this.flush();
  };

  private stored(): void {
    this.storing--;
    if (this.storing === 0 && !this.scheduled) this.flush();
  }

  private takeFast(session: Session, frame: PublishFrame): boolean {
    if (!frame.isUsual) return false;
    const lane = this.laneOf(session);
    if (lane === undefined) return false;
    const { builder } = this;
    const { counters } = this.deps;
    const { buffer, payloadFrom, payloadTo } = frame;
    const taken = this.scanner.scan(buffer, payloadFrom, payloadTo, lane.shape, this.receivedAt, builder);
    if (taken === 0) return false;
    counters.received++;
    const waitMs = this.telemetryWait(lane.ratePlace, this.monotonicAt);
    if (waitMs > 0) session.connection.pause(waitMs);
    const repeated = builder.dropNewest(taken, lane.numbers);
    if (repeated > 0) {
      counters.duplicates += repeated;
      this.acknowledgements.after(this.deps.repeats.stored());
    }
    return true;
  }

  private laneOf(session: Session): TelemetryLane | undefined {
    const { lane } = session;
    if (lane?.revision === this.deps.directory.revision) return lane;
    return (session.lane = this.lanes.of(session.deviceId, lane));
  }

  private takeSlowly(session: Session, frame: PublishFrame): void {
    const topic = frame.buffer.toString('utf8', frame.topicFrom, frame.topicTo);
    // A copy: the buffer is the socket's, and what comes of the message may be looked at later.
    const payload = new Uint8Array(frame.buffer.subarray(frame.payloadFrom, frame.payloadTo));
    const work = this.takeIn(session, topic, payload);
    this.acknowledgements.after(work);
    work.then(
      (result) => {
        const waitMs = this.tell(session, payload.length, result);
        if (waitMs > 0) session.connection.pause(Math.min(waitMs, this.deps.limits.hookTimeoutMs / 2));
      },
      () => undefined,
    );
  }

  /** Tells the device what its message came to; answers for how many ms it should be quiet. */
  private tell(session: Session, bytes: number, { answer, downlinks, readings = 0 }: IntakeResult): number {
    for (const downlink of downlinks) this.deps.deliver(session, downlink);
    const { rates, monotonicMs } = this.deps;
    const { deviceId } = session;
    const waitMs = readings === 0 ? 0 : this.telemetryWait(rates.telemetryPlace(deviceId), monotonicMs());
    if (answer === undefined) return waitMs;
    this.answer(session, answer);
    return Math.max(waitMs, rates.deadLetterWait(deviceId, bytes));
  }

  /** For one more message of telemetry: for how many ms its device should be quiet. */
  private telemetryWait(place: number, now: number): number {
    const waitMs = this.deps.rates.telemetryWait(place, now);
    if (waitMs > 0) this.deps.counters.telemetryHeld++;
    return waitMs;
  }

  /** Tells the device on its `errors` topic, so many times a second. */
  answer({ deviceId }: Session, answer: ErrorMessage): void {
    const { rates, counters, sessions, deliver } = this.deps;
    if (!rates.mayAnswer(deviceId)) {
      counters.errorAnswersSuppressed++;
      return;
    }
    counters.errorAnswers++;
    const downlink = { topic: errorsTopic(deviceId), payload: Buffer.from(JSON.stringify(answer)) };
    for (const session of sessions.of(deviceId)) deliver(session, downlink);
  }
}

const NOTHING = Buffer.alloc(0);

import {
  COMMAND,
  decodeAdu,
  type Deviation,
  encodeAdu,
  encodeFrame,
  type Frame,
  FrameStream,
  type Habit,
  ourTime,
  type TimeLabel,
} from '@watchfire/protocol';
import { type ScheduledTask, type Scheduler } from '../field/scheduler.js';
import { type Random } from '../random.js';
import { type FirePanel, type PanelComponent } from './fire-panel.js';
import { type PanelOperation, replyTo } from './panel-answers.js';
import { SegmentWriter } from './segment-writer.js';
import { CLEAN_WIRE, segmentsOf, type WireFaults, withStaleChecksum } from './wire-faults.js';

/** A connection to the centre. */
export interface RoomLine {
  send(bytes: Uint8Array): void;
  /** The device gives it up. */
  drop(): void;
}

export interface RoomOptions {
  /** The source address, 48 bit. */
  readonly address: number;
  readonly deviation: Deviation;
  readonly panel: FirePanel;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** From a duty check to the key; `null`: nobody is there. */
  readonly dutyAnswerMs: number | null;
  /** How far its clock is ahead until the centre sets it. */
  readonly clockAheadMs?: number;
  readonly wire?: WireFaults;
  readonly onConfirmed?: (report: ReportedFrame) => void;
  readonly onSent?: (report: ReportedFrame) => void;
  readonly onHeard?: (frame: Frame) => void;
}

export interface ReportedFrame {
  readonly serial: number;
  readonly adu: Uint8Array;
  readonly attempt: number;
}

interface Report {
  readonly serial: number;
  readonly bytes: Uint8Array;
  readonly adu: Uint8Array;
  attempt: number;
}

/** Of GB/T 26875.3: sent again after 10 s without an answer, three times. */
const ANSWER_MS = 10_000;
const REPEATS = 3;
const KEEP_ALIVE_SECONDS = 20;
const COMPONENTS_PER_FRAME = 22;
const MOST_WAITING = 1_000;
const MOST_OPERATIONS = 100;
const CENTRE = 88_888;
const DUTY_ANSWER = 0b10_0000;
const RESET = 0b1;

/**
 * A fire-control room: a panel behind a user information transmission device that speaks GB/T 26875.3 as its profile says. One report is on its
 * way at a time, with the same bytes until it is confirmed, over connections too; the next one waits. Whoever owns it gives it lines.
 */
export class FireRoom {
  private line: RoomLine | undefined;
  private writer: SegmentWriter | undefined;
  private stream: FrameStream;
  private serial = 0;
  private clockAheadMs: number;
  private readonly waiting: Report[] = [];
  private readonly operations: PanelOperation[] = [];
  private answerDue: ScheduledTask | undefined;
  private keepAliveDue: ScheduledTask | undefined;
  private clockAsked: number | undefined;
  private isNamed = false;
  private readonly wire: WireFaults;

  constructor(readonly options: RoomOptions) {
    this.clockAheadMs = options.clockAheadMs ?? 0;
    this.wire = options.wire ?? CLEAN_WIRE;
    this.stream = this.newStream();
  }

  /** Reports without a confirmation. */
  get unconfirmed(): number {
    return this.waiting.length;
  }

  /** How far its clock is ahead of ours. */
  get clockErrorMs(): number {
    return this.clockAheadMs;
  }

  connected(line: RoomLine): void {
    this.line = line;
    this.writer = new SegmentWriter((bytes) => line.send(bytes), this.options.scheduler);
    this.stream = this.newStream();
    this.isNamed = false;
    this.habit('registration');
    this.keepAlive();
    this.askForTheTime();
    const [first] = this.waiting;
    if (first !== undefined) first.attempt = 0;
    this.transmit();
  }

  disconnected(): void {
    this.line = undefined;
    this.writer = undefined;
    this.answerDue?.cancel();
    this.keepAliveDue?.cancel();
  }

  /** Something happens to a component, and is told. */
  happens(component: PanelComponent, conditions: readonly string[]): void {
    this.options.panel.set(component, conditions);
    this.report(this.options.panel.stateAdu([component], this.time()));
  }

  /** Somebody resets the panel: the operation is told, then everything that it ends. */
  reset(): void {
    const { panel } = this.options;
    const disturbed = panel.disturbed();
    const system = panel.components[0];
    for (const component of disturbed) panel.set(component, []);
    if (system !== undefined) {
      const operation = { operations: RESET, operator: 1, time: this.time() };
      const { systemType, systemAddress } = system;
      this.report(encodeAdu('facility-operation', [{ systemType, systemAddress, ...operation }]));
    }
    this.tell(disturbed);
  }

  /** Tells how components are, whatever was told before: as panels do when they are switched on. */
  tell(components: readonly PanelComponent[] = this.options.panel.components): void {
    for (let from = 0; from < components.length; from += COMPONENTS_PER_FRAME) {
      const some = components.slice(from, from + COMPONENTS_PER_FRAME);
      this.report(this.options.panel.stateAdu(some, this.time()));
    }
  }

  /** Keys of the device: bits of type 24. */
  press(operations: number): void {
    const operation = { operations, operator: 1, time: this.time() };
    if (this.operations.push(operation) > MOST_OPERATIONS) this.operations.shift();
    this.report(encodeAdu('device-operation', [operation]));
  }

  receive(chunk: Uint8Array): void {
    for (const item of this.stream.push(chunk)) {
      if (item.kind === 'frame') this.hear(item.frame);
      else if (item.kind === 'check-error') this.answer(item.frame, { command: COMMAND.deny });
    }
  }

  private report(adu: Uint8Array): void {
    const serial = this.nextSerial();
    const bytes = encodeFrame(this.frame({ serial, command: COMMAND.send, adu }));
    // A device has room for so much; what it has begun to send it must end.
    if (this.waiting.length >= MOST_WAITING) this.waiting.splice(1, 1);
    this.waiting.push({ serial, bytes, adu, attempt: 0 });
    if (this.waiting.length === 1) this.transmit();
  }

  /** Sends what is first, once more. */
  private transmit(): void {
    const [report] = this.waiting;
    this.answerDue?.cancel();
    if (report === undefined || this.line === undefined) return;
    report.attempt++;
    const { scheduler, onSent } = this.options;
    onSent?.(report);
    this.put(report);
    this.answerDue = scheduler.at(scheduler.now() + ANSWER_MS, () => this.unanswered(report));
  }

  private unanswered(report: Report): void {
    if (report.attempt <= REPEATS) this.transmit();
    else this.line?.drop();
  }

  private put({ bytes, attempt }: Report): void {
    const { random } = this.options;
    const { staleChecksum, glued, split } = this.wire;
    const isStale = attempt === 1 && random.chance(staleChecksum);
    const sent = isStale ? withStaleChecksum(bytes, random) : bytes;
    const whole = random.chance(glued) ? Buffer.concat([this.keepAliveFrame(), sent]) : sent;
    this.writer?.write(...(random.chance(split) ? segmentsOf(whole, random) : [whole]));
  }

  private hear(frame: Frame): void {
    this.options.onHeard?.(frame);
    switch (frame.command) {
      case COMMAND.confirm:
        return this.confirmed(frame.serial);
      case COMMAND.deny:
        if (frame.serial === this.waiting[0]?.serial) this.unanswered(this.waiting[0]);
        return;
      case COMMAND.request: {
        const { panel, deviation } = this.options;
        const reply = replyTo(frame, { panel, deviation, time: this.time(), operations: this.operations });
        if (reply !== undefined) this.answer(frame, reply);
        return;
      }
      case COMMAND.control:
        return this.control(frame);
      default:
        return;
    }
  }

  private confirmed(serial: number): void {
    const [report] = this.waiting;
    if (report?.serial !== serial) return;
    this.waiting.shift();
    this.options.onConfirmed?.(report);
    this.transmit();
  }

  private control(frame: Frame): void {
    const { deviation, scheduler, dutyAnswerMs } = this.options;
    const [order] = decodeAdu(frame.adu, deviation, scheduler.now()).objects;
    if (order === undefined) return;
    if (order.kind === 'synchronise-clock' && order.time.at !== undefined) {
      this.clockAheadMs = order.time.at - scheduler.now();
    }
    if (frame.serial === this.clockAsked) {
      // It asked: that is the answer, and not answered.
      this.clockAsked = undefined;
      return;
    }
    this.answer(frame, { command: COMMAND.confirm });
    if (order.kind === 'duty-check' && dutyAnswerMs !== null) {
      scheduler.at(scheduler.now() + dutyAnswerMs, () => this.press(DUTY_ANSWER));
    }
  }

  private keepAlive(): void {
    const { deviation, scheduler } = this.options;
    const everyMs = (deviation.idle.keepAliveSeconds ?? KEEP_ALIVE_SECONDS) * 1_000;
    this.writer?.write(this.keepAliveFrame());
    this.keepAliveDue?.cancel();
    this.keepAliveDue = scheduler.at(scheduler.now() + everyMs, () => this.keepAlive());
  }

  private keepAliveFrame(): Uint8Array {
    // Its own comes first; all profiles know the empty one.
    const [habit] = this.habitsOf('keep-alive');
    const { command, adu } =
      habit === undefined ? { command: COMMAND.send, adu: new Uint8Array() } : like(habit);
    return encodeFrame(this.frame({ serial: this.nextSerial(), command, adu }));
  }

  private habit(means: Habit['means']): void {
    for (const habit of this.habitsOf(means)) {
      this.writer?.write(encodeFrame(this.frame({ serial: this.nextSerial(), ...like(habit) })));
    }
  }

  private askForTheTime(): void {
    const [habit] = this.habitsOf('clock-request');
    if (habit === undefined) return;
    this.clockAsked = this.nextSerial();
    this.writer?.write(encodeFrame(this.frame({ serial: this.clockAsked, ...like(habit) })));
  }

  private habitsOf(means: Habit['means']): readonly Habit[] {
    return this.options.deviation.habits.filter((habit) => habit.means === means);
  }

  private answer(asked: Frame, answer: { readonly command: number; readonly adu?: Uint8Array }): void {
    const { serial } = asked;
    this.writer?.write(encodeFrame(this.frame({ serial, adu: new Uint8Array(), ...answer })));
  }

  private frame(own: Pick<Frame, 'serial' | 'command' | 'adu'>): Frame {
    return { ...own, ...this.header(), mainVersion: 1, userVersion: 0, sentAt: this.time().raw };
  }

  /** Devices whose source is empty say who they are once, in the first frame of a connection. */
  private header(): Pick<Frame, 'source' | 'destination'> {
    const { address, deviation } = this.options;
    const isEmpty = deviation.identifiedBy === 'connection' && this.isNamed;
    this.isNamed = this.line !== undefined;
    return { source: isEmpty ? 0 : address, destination: CENTRE };
  }

  private time(): TimeLabel {
    return ourTime(this.options.deviation, this.options.scheduler.now() + this.clockAheadMs);
  }

  private nextSerial(): number {
    const { serial } = this;
    this.serial = (serial + 1) % 65_536;
    return serial;
  }

  private newStream(): FrameStream {
    return new FrameStream({ commands: this.options.deviation.commands });
  }
}

/** A frame of the habit, with nothing in what the profile leaves open. */
function like({ command, begins, length }: Habit): Pick<Frame, 'command' | 'adu'> {
  const adu = new Uint8Array(length);
  adu.set(begins);
  return { command, adu };
}

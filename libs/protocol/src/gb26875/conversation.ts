import { decodeAdu, type DecodedAdu, encodeAdu } from './adu.js';
import { type Deviation, type Habit, habitOf, saidOfUnit } from './deviation.js';
import { COMMAND, type Frame } from './frame.js';
import { type InformationObject } from './layouts.js';
import { placeName } from './places.js';
import { RepeatedFrames } from './repeated-frames.js';
import { StateBook, type StateChange, type UnitValues } from './state-book.js';
import { FIRE_BIT, isSet } from './status.js';
import { type StateObject } from './subject.js';
import { Telling } from './telling.js';
import { timeLabel } from './time-label.js';

/** What a frame of a device comes to. */
export interface Heard {
  readonly means:
    | Habit['means']
    /** Sent again: answered, and nothing else. */
    | 'repeated'
    | 'data'
    /** A confirmation, denial or reply: it ends an exchange of ours, and is not answered. */
    | 'answer'
    /** Nothing that a device may say to a centre. */
    | 'out-of-place';
  /** To be sent when what was heard is on disk. */
  readonly answer?: Pick<Frame, 'command' | 'adu'>;
  /** Of data. */
  readonly adu?: DecodedAdu;
  readonly changes: readonly StateChange[];
  /** What the unit's points say now, where the frame told a state. */
  readonly values?: UnitValues;
  /**
   * What of them changed before that within the frame, in its order: one place that begins while another ends is to be told, and each
   * of several that begin. [FI25]
   */
  readonly meanwhile?: readonly Partial<UnitValues>[];
  /** By attribute name, to be kept with the frame and handed to the next conversation after a restart. */
  readonly remember: Readonly<Record<string, number>>;
}

const NOTHING = { changes: [], remember: {} } as const;
const MASK_PREFIX = 'gb26875/';
const MANUAL_PREFIX = 'gb26875-manual/';
/** Beside `device` and the systems, where a type whose layout is not known said fire. */
const PRIVATE_TYPE = 'private-type';
const EMPTY = new Uint8Array();
/** A disk may be full for long: beyond it the number of places is told, and not each of them. */
const MAX_UNTOLD = 1_000;

/**
 * One device as the centre hears it, over all its connections: what its frames mean by its profile, what was sent again, and what the
 * states behind it are. Pure: the time comes in, and what must be durable before an answer goes out is said.
 */
export class FireConversation {
  private readonly book: StateBook;
  private readonly repeated = new RepeatedFrames();
  /** What nobody has confirmed to be on disk, by attribute name. */
  private readonly unsaved = new Map<string, number>();

  /** What the points said in frames that are not on disk. */
  private untold: readonly Partial<UnitValues>[] = [];

  constructor(
    readonly deviation: Deviation,
    /** What earlier conversations wanted remembered, among other attributes of the device. */
    remembered: Readonly<Record<string, unknown>> = {},
  ) {
    const under = (prefix: string): [key: string, value: number][] =>
      Object.entries(remembered).flatMap(([name, value]): [string, number][] =>
        name.startsWith(prefix) && typeof value === 'number' ? [[name.slice(prefix.length), value]] : [],
      );
    this.book = new StateBook(deviation, under(MASK_PREFIX));
    for (const [key, value] of under(MANUAL_PREFIX)) if (value === 1) this.book.press(key);
  }

  /** `undefined`: it never told a state. */
  values(): UnitValues | undefined {
    const isSilent = this.book.masks().length === 0 && this.book.pressed.size === 0;
    return isSilent ? undefined : this.book.values();
  }

  hear(frame: Frame, receivedAt: number): Heard {
    const habit = habitOf(this.deviation, frame);
    if (habit !== undefined) {
      return { ...NOTHING, means: habit.means, answer: this.habitual(habit, receivedAt) };
    }
    switch (frame.command) {
      case COMMAND.confirm:
      case COMMAND.deny:
        return { ...NOTHING, means: 'answer' };
      case COMMAND.reply:
        return { ...this.read(frame, receivedAt), means: 'answer' };
      case COMMAND.control:
      case COMMAND.request:
        return { ...NOTHING, means: 'out-of-place' };
      default: {
        // Commands of the profile too: what is not confirmed comes again for ever.
        const answer = { command: COMMAND.confirm, adu: EMPTY };
        if (this.repeated.isRepeated(frame, receivedAt)) return { ...NOTHING, means: 'repeated', answer };
        return { ...this.read(frame, receivedAt), means: 'data', answer };
      }
    }
  }

  /** Everything to be remembered, by attribute name. */
  remembered(): Readonly<Record<string, number>> {
    return Object.fromEntries([
      ...this.book.masks().map(([key, mask]) => [MASK_PREFIX + key, mask]),
      ...[...this.book.pressed].map((key) => [MANUAL_PREFIX + key, 1]),
    ]) as Record<string, number>;
  }

  /** Fire systems behind the device that it has spoken of. */
  systems(): { readonly systemType: number; readonly systemAddress: number }[] {
    const names = this.book.masks().flatMap(([key]) => /^\d+\/\d+/.exec(key)?.slice(0, 1) ?? []);
    return [...new Set(names)].map((name) => {
      const [systemType = 0, systemAddress = 0] = name.split('/').map(Number);
      return { systemType, systemAddress };
    });
  }

  /** All of it is on disk. */
  kept({ remember }: Heard): void {
    for (const [name, value] of Object.entries(remember)) {
      if (this.unsaved.get(name) === value) this.unsaved.delete(name);
    }
  }

  /** It is not on disk, and was not answered: when it comes again it is to be taken, and every place that began told. */
  notKept(frame: Frame, { meanwhile = [], values, changes }: Heard): void {
    this.repeated.forget(frame);
    const began = changes.some(({ edges }) => edges.length > 0) && values !== undefined ? [values] : [];
    this.untold = [...this.untold, ...meanwhile, ...began].slice(-MAX_UNTOLD);
  }

  private read(frame: Frame, receivedAt: number): Omit<Heard, 'means'> {
    const adu = decodeAdu(frame.adu, this.deviation, receivedAt);
    const changes: StateChange[] = [];
    const telling = new Telling(this.book);
    for (const object of adu.objects) {
      if (isState(object)) changes.push(this.book.apply(object));
      else if (!isOperation(object) || !this.operate(object)) continue;
      telling.note();
    }
    this.takeType(adu, telling);
    for (const { key, mask, isFirst, edges } of changes) {
      const name = MASK_PREFIX + key;
      if (isFirst || edges.length > 0 || this.unsaved.has(name)) this.unsaved.set(name, mask);
    }
    const { values, meanwhile = [] } = telling.told;
    const remember = Object.fromEntries(this.unsaved);
    if (values === undefined) return { adu, changes, remember };
    const before = [...this.untold, ...meanwhile];
    this.untold = [];
    return { adu, changes, remember, values, ...(before.length > 0 && { meanwhile: before }) };
  }

  /** A private type whose objects nobody can read says fire for the unit, until another says that it is over, or somebody resets. */
  private takeType(adu: DecodedAdu, telling: Telling): void {
    const said = saidOfUnit(adu, this.deviation);
    if (said === 'recovered' && this.release(PRIVATE_TYPE)) telling.note();
    if (said !== 'fire') return;
    // It may be of another detector.
    if (this.book.pressed.has(PRIVATE_TYPE)) telling.again();
    this.book.press(PRIVATE_TYPE, this.deviation.types.get(adu.type ?? -1)?.name.zh);
    this.unsaved.set(MANUAL_PREFIX + PRIVATE_TYPE, 1);
    telling.note();
  }

  private release(key: string): boolean {
    const was = this.book.release(key);
    if (was) this.unsaved.set(MANUAL_PREFIX + key, 0);
    return was;
  }

  /** Operations are no states, but for the alarm key: it holds until the alarm is cleared or reset where it was pressed. */
  private operate(object: OperationObject): boolean {
    const key =
      object.kind === 'device-operation' ? 'device' : `${object.systemType}/${object.systemAddress}`;
    const ends = isSet(object.operations, RESET_BIT) || isSet(object.operations, CLEARED_BIT);
    if (isSet(object.operations, MANUAL_ALARM_BIT)) {
      this.book.press(key, placeName(object, this.deviation));
      this.unsaved.set(MANUAL_PREFIX + key, 1);
      return true;
    }
    // Of what a private type said nobody knows where it was.
    return ends && [this.release(key), this.release(PRIVATE_TYPE)].includes(true);
  }

  private habitual({ answer }: Habit, now: number): Pick<Frame, 'command' | 'adu'> {
    if (answer.adu !== 'clock') return { command: answer.command, adu: answer.adu };
    return {
      command: answer.command,
      adu: encodeAdu('synchronise-clock', [{ time: ourTime(this.deviation, now) }]),
    };
  }
}

/** The time as the device reads it. */
export function ourTime({ time, utcOffsetMinutes }: Deviation, now: number): ReturnType<typeof timeLabel> {
  return timeLabel(now, time === 'bcd' ? 'bcd' : 'binary', utcOffsetMinutes);
}

const RESET_BIT = 0;
const MANUAL_ALARM_BIT = 2;
const CLEARED_BIT = 3;

type OperationObject = InformationObject<'facility-operation' | 'device-operation'>;

/** Whether a frame tells a fire, or that somebody pressed the alarm key: nothing may hold it up. */
export function saysFire(frame: Frame, deviation: Deviation): boolean {
  const adu = decodeAdu(frame.adu, deviation);
  if (saidOfUnit(adu, deviation) === 'fire') return true;
  return adu.objects.some((object) => {
    if (isState(object)) return isOnFire(object, deviation);
    return isOperation(object) && isSet(object.operations, MANUAL_ALARM_BIT);
  });
}

function isOnFire(
  { kind, status }: StateObject,
  { systemBits, componentBits, deviceBits }: Deviation,
): boolean {
  const own = { 'system-state': systemBits, 'component-state': componentBits, 'device-state': deviceBits }[
    kind
  ];
  return isSet(status, FIRE_BIT) || own.some(({ bit, signal }) => signal === 'fire' && isSet(status, bit));
}

function isState(object: InformationObject): object is StateObject {
  const { kind } = object;
  return kind === 'system-state' || kind === 'component-state' || kind === 'device-state';
}

function isOperation(object: InformationObject): object is OperationObject {
  return object.kind === 'facility-operation' || object.kind === 'device-operation';
}

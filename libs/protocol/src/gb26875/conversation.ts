import { decodeAdu, type DecodedAdu, encodeAdu } from './adu.js';
import { type Deviation, type Habit, habitOf, saidOfUnit } from './deviation.js';
import { COMMAND, type Frame } from './frame.js';
import { type InformationObject } from './layouts.js';
import { RepeatedFrames } from './repeated-frames.js';
import { StateBook, type StateChange, type StateObject, type UnitValues } from './state-book.js';
import { FIRE_BIT, isSet } from './status.js';
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
  /** By attribute name, to be kept with the frame and handed to the next conversation after a restart. */
  readonly remember: Readonly<Record<string, number>>;
}

const NOTHING = { changes: [], remember: {} } as const;
const MASK_PREFIX = 'gb26875/';
const MANUAL_PREFIX = 'gb26875-manual/';
/** Beside `device` and the systems, where a type whose layout is not known said fire. */
const PRIVATE_TYPE = 'private-type';
const EMPTY = new Uint8Array();

/**
 * One device as the centre hears it, over all its connections: what its frames mean by its profile, what was sent again, and what the
 * states behind it are. Pure: the time comes in, and what must be durable before an answer goes out is said.
 */
export class FireConversation {
  private readonly book: StateBook;
  private readonly repeated = new RepeatedFrames();
  /** Where somebody pressed the alarm key: `device`, or a system. */
  private readonly manual: Set<string>;
  /** What nobody has confirmed to be on disk, by attribute name. */
  private readonly unsaved = new Map<string, number>();

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
    this.manual = new Set(under(MANUAL_PREFIX).flatMap(([key, value]) => (value === 1 ? [key] : [])));
  }

  /** `undefined`: it never told a state. */
  values(): UnitValues | undefined {
    const isSilent = this.book.masks().length === 0 && this.manual.size === 0;
    return isSilent ? undefined : this.present();
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
      ...[...this.manual].map((key) => [MANUAL_PREFIX + key, 1]),
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

  /** It is not on disk, and was not answered: when it comes again it is to be taken. */
  notKept(frame: Frame): void {
    this.repeated.forget(frame);
  }

  private read(frame: Frame, receivedAt: number): Omit<Heard, 'means'> {
    const adu = decodeAdu(frame.adu, this.deviation, receivedAt);
    const changes = adu.objects.filter(isState).map((object) => this.book.apply(object));
    for (const { key, mask, isFirst, edges } of changes) {
      const name = MASK_PREFIX + key;
      if (isFirst || edges.length > 0 || this.unsaved.has(name)) this.unsaved.set(name, mask);
    }
    const isManual = adu.objects.filter(isOperation).map((object) => this.operate(object));
    const isTold = changes.length > 0 || isManual.includes(true) || this.saidByType(adu);
    const remember = Object.fromEntries(this.unsaved);
    return { adu, changes, remember, ...(isTold ? { values: this.present() } : {}) };
  }

  /** What the points of the unit say. Somebody who presses the alarm key says fire. */
  private present(): UnitValues {
    const values = this.book.values();
    return this.manual.size === 0 ? values : { ...values, fire: true };
  }

  /** A private type whose objects nobody can read says fire for the unit, until another says that it is over, or somebody resets. */
  private saidByType(adu: DecodedAdu): boolean {
    const said = saidOfUnit(adu, this.deviation);
    if (said === 'recovered') return this.endManual(PRIVATE_TYPE);
    if (said === 'fire') {
      this.manual.add(PRIVATE_TYPE);
      this.unsaved.set(MANUAL_PREFIX + PRIVATE_TYPE, 1);
    }
    return said === 'fire';
  }

  private endManual(key: string): boolean {
    const was = this.manual.delete(key);
    if (was) this.unsaved.set(MANUAL_PREFIX + key, 0);
    return was;
  }

  /** Operations are no states, but for the alarm key: it holds until the alarm is cleared or reset where it was pressed. */
  private operate(object: OperationObject): boolean {
    const key =
      object.kind === 'device-operation' ? 'device' : `${object.systemType}/${object.systemAddress}`;
    const ends = isSet(object.operations, RESET_BIT) || isSet(object.operations, CLEARED_BIT);
    if (isSet(object.operations, MANUAL_ALARM_BIT)) {
      this.manual.add(key);
      this.unsaved.set(MANUAL_PREFIX + key, 1);
      return true;
    }
    // Of what a private type said nobody knows where it was.
    return ends && [this.endManual(key), this.endManual(PRIVATE_TYPE)].includes(true);
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

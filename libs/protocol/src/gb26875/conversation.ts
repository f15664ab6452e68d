import { decodeAdu, type DecodedAdu, encodeAdu } from './adu.js';
import { type Deviation, type Habit, habitOf } from './deviation.js';
import { COMMAND, type Frame } from './frame.js';
import { type InformationObject } from './layouts.js';
import { RepeatedFrames } from './repeated-frames.js';
import { StateBook, type StateChange, type StateObject, type UnitValues } from './state-book.js';
import { isSet } from './status.js';
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
  /** Masks by attribute name, to be kept with the frame and handed to the next conversation after a restart. */
  readonly remember: Readonly<Record<string, number>>;
}

const NOTHING = { changes: [], remember: {} } as const;
const PREFIX = 'gb26875/';
const EMPTY = new Uint8Array();

/**
 * One device as the centre hears it, over all its connections: what its frames mean by its profile, what was sent again, and what the
 * states behind it are. Pure: the time comes in, and what must be durable before an answer goes out is said.
 */
export class FireConversation {
  private readonly book: StateBook;
  private readonly repeated = new RepeatedFrames();
  /** Keys of masks that nobody has confirmed to be on disk. */
  private readonly unsaved = new Map<string, number>();

  constructor(
    readonly deviation: Deviation,
    /** What earlier conversations wanted remembered, among other attributes of the device. */
    remembered: Readonly<Record<string, unknown>> = {},
  ) {
    const masks = Object.entries(remembered).flatMap(([name, mask]): [string, number][] =>
      name.startsWith(PREFIX) && typeof mask === 'number' ? [[name.slice(PREFIX.length), mask]] : [],
    );
    this.book = new StateBook(deviation, masks);
  }

  /** `undefined`: it never told a state. */
  values(): UnitValues | undefined {
    return this.book.masks().length === 0 ? undefined : this.book.values();
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
    return named(this.book.masks());
  }

  /** All of it is on disk. */
  kept({ remember }: Heard): void {
    for (const [name, mask] of Object.entries(remember)) {
      const key = name.slice(PREFIX.length);
      if (this.unsaved.get(key) === mask) this.unsaved.delete(key);
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
      if (isFirst || edges.length > 0 || this.unsaved.has(key)) this.unsaved.set(key, mask);
    }
    return {
      adu,
      changes,
      remember: named(this.unsaved),
      ...(changes.length === 0 ? {} : { values: this.book.values() }),
    };
  }

  private habitual({ answer }: Habit, now: number): Pick<Frame, 'command' | 'adu'> {
    if (answer.adu !== 'clock') return { command: answer.command, adu: answer.adu };
    return {
      command: answer.command,
      adu: encodeAdu('synchronise-clock', [{ time: ourTime(this.deviation, now) }]),
    };
  }
}

function named(masks: Iterable<readonly [key: string, mask: number]>): Readonly<Record<string, number>> {
  return Object.fromEntries([...masks].map(([key, mask]) => [`${PREFIX}${key}`, mask]));
}

/** The time as the device reads it. */
export function ourTime({ time, utcOffsetMinutes }: Deviation, now: number): ReturnType<typeof timeLabel> {
  return timeLabel(now, time === 'bcd' ? 'bcd' : 'binary', utcOffsetMinutes);
}

const FIRE_BIT = 1;
const MANUAL_ALARM_BIT = 2;

/** Whether a frame tells a fire, or that somebody pressed the alarm key: nothing may hold it up. */
export function saysFire(frame: Frame, deviation: Deviation): boolean {
  return decodeAdu(frame.adu, deviation).objects.some((object) => {
    if (isState(object)) return isSet(object.status, FIRE_BIT);
    const isOperation = object.kind === 'facility-operation' || object.kind === 'device-operation';
    return isOperation && isSet(object.operations, MANUAL_ALARM_BIT);
  });
}

function isState(object: InformationObject): object is StateObject {
  const { kind } = object;
  return kind === 'system-state' || kind === 'component-state' || kind === 'device-state';
}

import { type AlarmClass } from './alarm.js';

/** How alarms of a signal class are handled. All figures are of this project (default), the words of ISA-18.2 and OPC UA Part 9. */
export interface SignalClassPolicy {
  /** Of the tone: the top class, danger to people, a process that leaves its limits, a fault, a hint. */
  readonly tone: 'top' | 'danger' | 'process' | 'fault' | 'hint';
  readonly shelvable: boolean;
  /** The longest shelving, seconds. */
  readonly maxShelveSeconds: number;
  /** Whether it may be shelved until the next activation is over. */
  readonly oneShot: boolean;
  /** The longest time out of service, seconds. */
  readonly maxOutOfServiceSeconds: number;
  /** How many people must agree to shelving, out of service and disabling. */
  readonly people: 1 | 2;
  /** How many people must agree before an effective rule becomes another one. */
  readonly peopleToChange: 1 | 2;
  readonly resetNeedsAck: boolean;
  /** Asks for the confirmation that what the alarm asked for is done. */
  readonly confirm: boolean;
  /** Keeps an occurrence that nobody acknowledged beside the next one. */
  readonly strict: boolean;
  /** Announced again when it is still active after so many seconds; `null`: never. */
  readonly reAlarmSeconds: number | null;
  /** How long a silence lasts, seconds. */
  readonly silenceSeconds: number;
  /** An acknowledgement must say something. */
  readonly commentMandatory: boolean;
  /** Whether several may be acknowledged with one act. */
  readonly groupAcknowledge: boolean;
  readonly withdrawable: boolean;
  readonly unshelveAcknowledges: boolean;
  readonly inServiceUnacknowledges: boolean;
  /** Never grouped, throttled or dropped, by no limiter. */
  readonly exempt: boolean;
}

const MINUTE = 60;
const HOUR = 3_600;

const PROCESS: SignalClassPolicy = {
  tone: 'process',
  shelvable: true,
  maxShelveSeconds: 8 * HOUR,
  oneShot: true,
  maxOutOfServiceSeconds: 7 * 24 * HOUR,
  people: 1,
  peopleToChange: 1,
  resetNeedsAck: true,
  confirm: false,
  strict: false,
  reAlarmSeconds: null,
  silenceSeconds: 2 * MINUTE,
  commentMandatory: false,
  groupAcknowledge: true,
  withdrawable: true,
  unshelveAcknowledges: true,
  inServiceUnacknowledges: false,
  exempt: false,
};

/** People are in danger: two must agree before it is quiet, and nobody's silence is long. */
const TOP: SignalClassPolicy = {
  ...PROCESS,
  tone: 'top',
  maxShelveSeconds: HOUR,
  oneShot: false,
  maxOutOfServiceSeconds: 24 * HOUR,
  people: 2,
  peopleToChange: 2,
  strict: true,
  reAlarmSeconds: 10 * MINUTE,
  silenceSeconds: 30,
  groupAcknowledge: false,
  unshelveAcknowledges: false,
  inServiceUnacknowledges: true,
  exempt: true,
};

const DANGER: SignalClassPolicy = {
  ...PROCESS,
  tone: 'danger',
  maxShelveSeconds: HOUR,
  oneShot: false,
  maxOutOfServiceSeconds: 24 * HOUR,
  peopleToChange: 2,
  reAlarmSeconds: 15 * MINUTE,
  silenceSeconds: MINUTE,
  groupAcknowledge: false,
  inServiceUnacknowledges: true,
};

const FAULT: SignalClassPolicy = { ...PROCESS, tone: 'fault', maxShelveSeconds: 24 * HOUR };
const HINT: SignalClassPolicy = { ...FAULT, tone: 'hint' };

/** The one place that says what a class means for the people in the control room. Toxic gas is `gas`. */
export const SIGNAL_CLASSES: Readonly<Record<AlarmClass, SignalClassPolicy>> = {
  fire: TOP,
  entrapment: TOP,
  gas: DANGER,
  'pre-alarm': { ...DANGER, reAlarmSeconds: null },
  process: PROCESS,
  linkage: { ...PROCESS, maxShelveSeconds: HOUR, groupAcknowledge: false },
  supervisory: PROCESS,
  trouble: FAULT,
  shield: { ...FAULT, maxShelveSeconds: 8 * HOUR },
  guard: HINT,
  link: FAULT,
  system: { ...FAULT, maxShelveSeconds: 4 * HOUR },
  test: HINT,
};

import { type Role } from './roles.js';

/**
 * What became of a command. `accepted`: on disk, waits for the device. `sent`: handed to its connection, no answer yet.
 * `succeeded`, `failed`: the device's own answer. `timed-out`: sent, and no answer in time, so nobody knows whether it was
 * executed. `expired`, `cancelled`, `refused`: never handed over, and never will be.
 */
export const COMMAND_STATES = [
  'accepted',
  'sent',
  'succeeded',
  'failed',
  'timed-out',
  'expired',
  'cancelled',
  'refused',
] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** Offered by every kind of device that declares none of its own. */
export const STANDARD_COMMANDS = [
  'close_valve',
  'open_valve',
  'silence',
  'reset',
  'read_now',
  'self_test',
  'write_attributes',
] as const;

/** What only asks: no second thought is needed before it is sent. */
export const HARMLESS_COMMANDS: readonly string[] = [
  'read_now',
  'read_state',
  'read_component',
  'read_analog',
  'read_records',
  'read_version',
  'read_configuration',
  'read_clock',
];

/** Who may send and cancel commands. Who may see the device sees them all. */
export const COMMAND_SENDERS = ['operator', 'supervisor', 'administrator'] as const satisfies readonly Role[];

/** Commands that can make a place less safe than it is, or change the device itself: not for the one seat on watch. */
const SENIOR_COMMANDS: ReadonlySet<string> = new Set(['open_valve', 'write_attributes', 'initialise']);
const SENIOR_SENDERS: readonly Role[] = ['supervisor', 'administrator'];

/** Denies by default: a role that is not named sends nothing. */
export function maySendCommand(role: Role, command: string): boolean {
  const senders: readonly Role[] = SENIOR_COMMANDS.has(command) ? SENIOR_SENDERS : COMMAND_SENDERS;
  return senders.includes(role);
}

export const COMMAND_NAME_PATTERN = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** A command that nobody gave an `expires` waits so long for its device, and no command waits longer than `MOST`. */
export const DEFAULT_COMMAND_LIFE_MS = 60_000;
export const MOST_COMMAND_LIFE_MS = 86_400_000;

export const PARAM_LIMITS = {
  /** Nested arrays and objects, `params` itself counted. */
  depth: 4,
  /** Members of all objects and arrays. */
  members: 128,
  /** UTF-16 code units of all keys and strings. */
  characters: 4_096,
} as const;

/** U+0000 ends strings elsewhere, half a surrogate pair has no UTF-8 form: neither survives the way to the device. */
// eslint-disable-next-line no-control-regex
const UNSENDABLE = /[\u0000\ud800-\udfff]/u;

/** What is wrong with the parameters of a command, or `undefined`. Walks no deeper and no further than the limits. */
export function paramsProblem(params: unknown): string | undefined {
  const left = { members: PARAM_LIMITS.members, characters: PARAM_LIMITS.characters };
  const text = (value: string): string | undefined => {
    left.characters -= value.length;
    if (left.characters < 0) return `more than ${PARAM_LIMITS.characters} characters of text`;
    return UNSENDABLE.test(value) ? 'a text with U+0000 or half a surrogate pair' : undefined;
  };
  const walk = (value: unknown, depth: number): string | undefined => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number beyond a double';
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth > PARAM_LIMITS.depth) return `nested deeper than ${PARAM_LIMITS.depth}`;
    for (const [key, member] of Object.entries(value)) {
      left.members -= 1;
      if (left.members < 0) return `more than ${PARAM_LIMITS.members} members`;
      const problem = (Array.isArray(value) ? undefined : text(key)) ?? walk(member, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return walk(params, 1);
}

export interface CommandReply {
  /** Journal time. */
  readonly at: number;
  readonly ok: boolean;
  /** As the device sent it; where it is long, the beginning of its JSON as a text. */
  readonly data: unknown;
  readonly truncated: boolean;
  /** It came after the command was given up. */
  readonly late: boolean;
}

/** A command for a device, and what became of it. Times are epoch milliseconds. */
export interface CommandView {
  readonly id: string;
  readonly deviceId: string;
  readonly command: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly state: CommandState;
  /** User name of who sent it, and why. */
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expires: number;
  readonly replyTimeoutSeconds: number;
  /** When it was last handed to the device's connection. */
  readonly sentAt: number | null;
  readonly endedAt: number | null;
  readonly cancelledBy: string | null;
  /** Why it ended as it did, where there is more to say than the state. */
  readonly message: string | null;
  readonly reply: CommandReply | null;
  /** Rises with every change of this command: of two views the higher is the newer. */
  readonly revision: number;
}

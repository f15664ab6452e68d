import { type CommandState, type CommandView } from '@watchfire/contracts';

/**
 * The commands of a device, newest first, from lists and from news in whatever order they come: of two views of one command
 * the one with the higher revision counts.
 */
export function mergeCommands(
  known: readonly CommandView[],
  news: readonly CommandView[],
): readonly CommandView[] {
  const byId = new Map(known.map((command) => [command.id, command]));
  for (const command of news) {
    const held = byId.get(command.id);
    if (held === undefined || held.revision < command.revision) byId.set(command.id, command);
  }
  return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}

/** How a state looks: a sign beside the word, since colour alone says nothing to some. `waiting` moves, `end` does not. */
export interface CommandLook {
  readonly sign: string;
  readonly tone: 'waiting' | 'good' | 'attention' | 'quiet';
}

const LOOKS: Readonly<Record<CommandState, CommandLook>> = {
  accepted: { sign: '…', tone: 'waiting' },
  sent: { sign: '→', tone: 'waiting' },
  succeeded: { sign: '✓', tone: 'good' },
  failed: { sign: '✕', tone: 'attention' },
  'timed-out': { sign: '?', tone: 'attention' },
  expired: { sign: '⌛', tone: 'attention' },
  cancelled: { sign: '–', tone: 'quiet' },
  refused: { sign: '!', tone: 'attention' },
};
const DELIVERED: CommandLook = { sign: '⇥', tone: 'quiet' };

/** The protocol knows no reply to it: the device has it, and whether it was carried out nobody can say (docs/spec/commands.md). */
export function isOnlyDelivered({ state, reply }: Pick<CommandView, 'state' | 'reply'>): boolean {
  const data = reply?.data;
  return (
    state === 'succeeded' &&
    typeof data === 'object' &&
    data !== null &&
    'delivered' in data &&
    data.delivered === true
  );
}

export const lookOfCommand = (command: Pick<CommandView, 'state' | 'reply'>): CommandLook =>
  isOnlyDelivered(command) ? DELIVERED : LOOKS[command.state];

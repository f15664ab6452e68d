import { HEARTBEAT_MS } from '@watchfire/contracts';

/** What is known of the connection, in epoch ms of this seat's clock. */
export interface LinkFacts {
  readonly startedAt: number;
  /** When the transport went down; null while it is up. */
  readonly downSince: number | null;
  /** The last heartbeat, or the last time that the list became complete. */
  readonly heardAt: number | null;
  /** The set of alarms is complete up to the last event. */
  readonly synchronised: boolean;
}

export type LinkState =
  | { readonly kind: 'connecting' | 'reconnecting' | 'catching-up' | 'live' }
  /** The list is not live: `since` is when the server was last heard. */
  | { readonly kind: 'lost'; readonly since: number };

/** Three heartbeats missed: what is on the screen may be wrong. */
export const SILENCE_LIMIT_MS = 3 * HEARTBEAT_MS;
/** A transport that is known to be down is called lost sooner; a change of access point takes about a second. */
export const DOWN_LIMIT_MS = 3_000;

export function linkState(facts: LinkFacts, now: number): LinkState {
  const heardAt = facts.heardAt ?? facts.startedAt;
  if (now - heardAt >= SILENCE_LIMIT_MS) return { kind: 'lost', since: heardAt };
  if (facts.downSince !== null) {
    if (facts.heardAt === null) return { kind: 'connecting' };
    return now - facts.downSince >= DOWN_LIMIT_MS
      ? { kind: 'lost', since: heardAt }
      : { kind: 'reconnecting' };
  }
  if (facts.heardAt === null && !facts.synchronised) return { kind: 'connecting' };
  return { kind: facts.synchronised ? 'live' : 'catching-up' };
}

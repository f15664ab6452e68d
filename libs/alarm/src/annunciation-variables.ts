import { type AnnunciationPolicy } from './policy.js';

/**
 * The independent variables of one alarm (OPC UA Part 9). The word that operators know (ISA-18.2) is derived from them, so
 * that shelving, suppression and out-of-service can lie over it without a state for every combination.
 */
export interface AnnunciationVariables {
  readonly active: boolean;
  readonly acked: boolean;
  /** What the alarm asked for is done; always true where the rule does not ask for it. */
  readonly confirmed: boolean;
  /** Set when a latching alarm becomes active, taken back by a reset. */
  readonly latched: boolean;
  /** Its horn is off for a time; never an acknowledgement. */
  readonly silenced: boolean;
  readonly enabled: boolean;
  readonly shelving: 'unshelved' | 'timed' | 'oneShot';
  readonly suppressedByDesign: boolean;
  readonly outOfService: boolean;
}

/** What a guard may ask besides the variables. */
export interface EventFacts {
  /** Of a latching rule. */
  readonly latching: boolean;
  readonly policy: AnnunciationPolicy;
  /** False when a command names another occurrence than the present one. */
  readonly currentEvent: boolean;
  /** True when a command names an older occurrence that is kept beside the present one. */
  readonly olderEvent: boolean;
  /** Of a suppression that ends: whether another reason for it is left. */
  readonly stillSuppressed: boolean;
}

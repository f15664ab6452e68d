/**
 * What a rule asks of the people who handle its alarms. It is written into the rule by whoever configures the device, so the
 * engine knows no signal classes; a rule without one, as in old journals, behaves as `DEFAULT_POLICY` says.
 */
export interface AnnunciationPolicy {
  /** Whether an operator may shelve it at all. */
  readonly shelvable: boolean;
  /** The longest shelving, seconds; a one-shot shelving ends by then as well. */
  readonly maxShelveSeconds: number;
  /** Whether it may be shelved until the next activation is over. */
  readonly oneShot: boolean;
  /** The longest time out of service, seconds. */
  readonly maxOutOfServiceSeconds: number;
  /** How many people must agree before it is shelved, taken out of service or disabled: 1 or 2. */
  readonly people: number;
  /** Whether a latched alarm must be acknowledged before it is reset (row 18). */
  readonly resetNeedsAck: boolean;
  /** Whether the alarm is held until somebody has confirmed that what it asked for is done (row 23). */
  readonly confirm: boolean;
  /** Whether an older occurrence that nobody acknowledged is kept beside the new one (rows 16 and 19, "strict"). */
  readonly strict: boolean;
  /** An alarm that is still active so long after it was announced is announced again, seconds; null for never (row 13). */
  readonly reAlarmSeconds: number | null;
  /** How long its horn may be silenced, seconds. */
  readonly silenceSeconds: number;
  /** Whether an acknowledgement must say something. */
  readonly commentMandatory: boolean;
  /** Whether an acknowledgement may be withdrawn (row 14). */
  readonly withdrawable: boolean;
  /** Whether who unshelves it by hand has thereby acknowledged it (row 32). */
  readonly unshelveAcknowledges: boolean;
  /** Whether an alarm that is active when it comes back into service must be acknowledged again (row 37). */
  readonly inServiceUnacknowledges: boolean;
  /** The top class: never joined to the announcement of another (row 38), whatever the load. */
  readonly exempt: boolean;
}

/** default, all of it. */
export const DEFAULT_POLICY: AnnunciationPolicy = {
  shelvable: true,
  maxShelveSeconds: 28_800,
  oneShot: true,
  maxOutOfServiceSeconds: 604_800,
  people: 1,
  resetNeedsAck: true,
  confirm: false,
  strict: false,
  reAlarmSeconds: null,
  silenceSeconds: 120,
  commentMandatory: false,
  withdrawable: true,
  unshelveAcknowledges: true,
  inServiceUnacknowledges: false,
  exempt: false,
};

export function policyOf(rule: {
  readonly annunciation?: Partial<AnnunciationPolicy> | undefined;
}): AnnunciationPolicy {
  return rule.annunciation === undefined ? DEFAULT_POLICY : { ...DEFAULT_POLICY, ...rule.annunciation };
}

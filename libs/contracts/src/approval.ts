export const APPROVAL_STATES = ['pending', 'approved', 'rejected', 'expired', 'failed'] as const;
/** `failed`: it was agreed to, and could not be done; `comment` says why. */
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** What one person has asked for and another must agree to. Times are epoch milliseconds. */
export interface ApprovalView {
  readonly id: string;
  /** What kind of act it is, for example `alarm-command`. */
  readonly kind: string;
  /** What it is about: an alarm, or a rule of a device. */
  readonly subject: string;
  readonly enterpriseId: string | null;
  /** What is to be done, exactly; its shape is that of the kind. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly state: ApprovalState;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly comment: string | null;
  /** Whether the person who reads this may decide it. */
  readonly decidable: boolean;
}

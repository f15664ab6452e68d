import { type Answer, type DialectResult, type Uplink } from '../dialect.js';
import { type ProtocolErrorCode, type Refusal } from '../refusal.js';

/** Reasons kept of one message; the payload itself is kept whole by whoever keeps dead letters. */
const MAX_REFUSALS = 64;

/** What a message has turned out to say, while it is being read. */
export class Outcome {
  readonly uplinks: Uplink[] = [];
  readonly refusals: Refusal[] = [];
  readonly answers: Answer[] = [];
  ready?: readonly (string | undefined)[];

  add(uplink: Uplink | undefined): this {
    if (uplink !== undefined) this.uplinks.push(uplink);
    return this;
  }

  refuse(code: ProtocolErrorCode, message: string): this {
    this.refusals.push({ code, message });
    return this;
  }

  /** Refusals of a part, with the place where it stands. */
  refuseAt(place: string, refusals: readonly Refusal[]): void {
    const prefix = place === '' ? '' : `${place} `;
    for (const { code, message } of refusals) this.refusals.push({ code, message: prefix + message });
  }

  answer(answer: Answer): this {
    this.answers.push(answer);
    return this;
  }

  /** Commands that had to wait for the device, or for the child, can be sent. */
  becomesReady(child?: string): void {
    this.ready = [...(this.ready ?? []), child];
  }

  result(): DialectResult {
    const more = this.refusals.length - MAX_REFUSALS;
    if (more <= 0) return this;
    const kept = this.refusals.slice(0, MAX_REFUSALS);
    const last = kept[MAX_REFUSALS - 1];
    if (last !== undefined) {
      kept[MAX_REFUSALS - 1] = { ...last, message: `${last.message}; and ${more} more` };
    }
    const ready = this.ready === undefined ? {} : { ready: this.ready };
    return { uplinks: this.uplinks, refusals: kept, answers: this.answers, ...ready };
  }
}

export const refused = (code: ProtocolErrorCode, message: string): DialectResult =>
  new Outcome().refuse(code, message);

export const ignored = (what: string): DialectResult => new Outcome().add({ kind: 'ignored', what });

/** As a member to spread: absent for the device itself. */
export const of = (child: string | undefined): { readonly child?: string } =>
  child === undefined ? {} : { child };

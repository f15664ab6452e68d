import { type DialectResult, type Downlink, type Uplink } from '../dialect.js';
import { type ProtocolErrorCode, type Refusal } from '../refusal.js';

/** What one message comes to, while it is worked out. */
export class Outcome implements DialectResult {
  readonly uplinks: Uplink[] = [];
  readonly refusals: Refusal[] = [];
  readonly answers: Downlink[] = [];

  refuse(code: ProtocolErrorCode, message: string): void {
    this.refusals.push({ code, message });
  }
}

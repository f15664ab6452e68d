import { type Journal, type JournalRecord } from '@watchfire/journal';
import { type ClientCertificate } from '../certificates.js';

/** What bytes that go down are for. */
export type Said = 'answer' | 'sign-of-life' | 'question';

/** A connection as the desk sees it, or an address and port that datagrams come from. */
export interface FireLine {
  /** Network address of the other side. */
  readonly peer: string;
  /** Of TLS, where the other side showed one. */
  readonly certificate: ClientCertificate | undefined;
  /** So much is under way that only a fire is taken. */
  readonly isBusy?: boolean;
  send(bytes: Uint8Array, said: Said): void;
  close(reason: string): void;
  /** The other side has answered what was asked on this line. */
  proven?(): void;
  /** Whether the device that spoke on the other line has only changed its port. */
  goesOnFrom?(before: FireLine): boolean;
}

/** Which connection leads to which device: one each. One connection may carry several devices (a concentrator). */
export class FireLinks {
  private readonly lines = new Map<string, FireLine>();
  private readonly devices = new Map<FireLine, Set<string>>();

  constructor(private readonly journal: Journal) {}

  lineTo(deviceId: string): FireLine | undefined {
    return this.lines.get(deviceId);
  }

  on(line: FireLine): ReadonlySet<string> {
    return this.devices.get(line) ?? NONE;
  }

  /**
   * The device speaks on this connection from now on; an older one, if there is any, is taken over from, or went on as this one: then
   * nothing has happened.
   */
  bind(deviceId: string, line: FireLine): Promise<unknown>[] {
    const before = this.lines.get(deviceId);
    if (before === line) return [];
    this.lines.set(deviceId, line);
    this.devices.set(line, new Set(this.on(line)).add(deviceId));
    if (before !== undefined && line.goesOnFrom?.(before) === true) {
      if (this.unbind(deviceId, before) === 0) before.close('port_changed');
      return [];
    }
    const records = [];
    if (before !== undefined) {
      records.push(this.journal.append(presence(deviceId, true, 'taken_over', before)));
      if (this.unbind(deviceId, before) === 0) before.close('taken_over');
    }
    records.push(this.journal.append(presence(deviceId, true, 'connect', line)));
    return records;
  }

  /** The connection has ended, and with it that of every device on it. */
  leave(line: FireLine, reason: string): Promise<unknown>[] {
    const gone = [...this.on(line)];
    this.devices.delete(line);
    return gone.map((deviceId) => {
      this.lines.delete(deviceId);
      return this.journal.append(presence(deviceId, false, reason, line));
    });
  }

  /** The device may not speak any more. */
  dismiss(deviceId: string, reason: string): Promise<unknown> | undefined {
    const line = this.lines.get(deviceId);
    if (line === undefined) return undefined;
    this.lines.delete(deviceId);
    if (this.unbind(deviceId, line) === 0) line.close(reason);
    return this.journal.append(presence(deviceId, false, reason, line));
  }

  /** Answers how many devices are left on the connection. */
  private unbind(deviceId: string, line: FireLine): number {
    const devices = this.devices.get(line);
    devices?.delete(deviceId);
    if (devices?.size === 0) this.devices.delete(line);
    return devices?.size ?? 0;
  }
}

const NONE: ReadonlySet<string> = new Set();

function presence(deviceId: string, connected: boolean, reason: string, { peer }: FireLine): JournalRecord {
  return { kind: 'connection', deviceId, connected, reason, address: peer };
}

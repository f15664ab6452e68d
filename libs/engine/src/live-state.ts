import { type PointValue, type SampleQuality } from '@watchfire/alarm';
import { type JournalEntry } from '@watchfire/journal';

export interface LatestValue {
  readonly pointId: string;
  readonly value: PointValue;
  readonly quality: SampleQuality;
  readonly ts: number;
  readonly receivedAt: number;
}

export interface DeviceConnection {
  readonly state: 'online' | 'offline' | 'never';
  readonly since: number | null;
  readonly lastSeenAt: number | null;
}

const NEVER: DeviceConnection = { state: 'never', since: null, lastSeenAt: null };

interface MutableConnection {
  state: 'online' | 'offline' | 'never';
  since: number | null;
  lastSeenAt: number | null;
}

export interface LiveSnapshot {
  readonly latest: readonly LatestValue[];
  readonly connections: readonly (readonly [string, DeviceConnection])[];
}

/** The newest value of every point and the connection of every device: a fold of the journal. */
export class LiveState {
  readonly #latest = new Map<string, LatestValue>();
  readonly #connections = new Map<string, MutableConnection>();

  static restore(snapshot: LiveSnapshot | undefined): LiveState {
    const live = new LiveState();
    for (const value of snapshot?.latest ?? []) live.#latest.set(value.pointId, value);
    for (const [id, connection] of snapshot?.connections ?? []) live.#connections.set(id, { ...connection });
    return live;
  }

  /** Takes one entry; pushes the values that became the newest of their points to `changed`. */
  apply(entry: JournalEntry, changed: LatestValue[]): void {
    const { record } = entry;
    switch (record.kind) {
      case 'reading':
      case 'event':
        this.#connection(record.deviceId).lastSeenAt = record.receivedAt;
        for (const [pointId, value, quality = 'good'] of record.samples) {
          const known = this.#latest.get(pointId);
          // Back-filled and late values belong to the history, not to the picture of now.
          if (known !== undefined && known.ts > record.ts) continue;
          const latest = { pointId, value, quality, ts: record.ts, receivedAt: record.receivedAt };
          this.#latest.set(pointId, latest);
          changed.push(latest);
        }
        break;
      case 'connection': {
        const connection = this.#connection(record.deviceId);
        connection.state = record.connected ? 'online' : 'offline';
        connection.since = entry.at;
        break;
      }
      case 'remove':
        this.#connections.delete(record.deviceId);
        for (const pointId of this.#latest.keys()) {
          if (pointId.startsWith(`${record.deviceId}.`)) this.#latest.delete(pointId);
        }
        break;
      case 'configure':
      case 'command':
      case 'dead-letter':
      case 'start':
      case 'tick':
        break;
    }
  }

  latest(pointId: string): LatestValue | undefined {
    return this.#latest.get(pointId);
  }

  connection(deviceId: string): DeviceConnection {
    return this.#connections.get(deviceId) ?? NEVER;
  }

  onlineDevices(): string[] {
    return [...this.#connections].filter(([, { state }]) => state === 'online').map(([id]) => id);
  }

  snapshot(): LiveSnapshot {
    return {
      latest: [...this.#latest.values()],
      connections: [...this.#connections].map(([id, connection]) => [id, { ...connection }]),
    };
  }

  #connection(deviceId: string): MutableConnection {
    let connection = this.#connections.get(deviceId);
    if (connection === undefined) {
      connection = { state: 'never', since: null, lastSeenAt: null };
      this.#connections.set(deviceId, connection);
    }
    return connection;
  }
}

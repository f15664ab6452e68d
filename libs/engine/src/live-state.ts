import { type PointValue, type SampleQuality } from '@watchfire/alarm';
import { type JournalEntry, type JournalReadings } from '@watchfire/journal';
import {
  IS_BOOLEAN,
  IS_NUMBER,
  IS_TEXT,
  NO_BOOT,
  QUALITIES,
  type ReadingSource,
  SequenceWindow,
  type SequenceState,
} from '@watchfire/readings';

export interface LatestValue {
  readonly pointId: string;
  readonly value: PointValue;
  readonly quality: SampleQuality;
  readonly ts: number;
  readonly receivedAt: number;
  /** Rises with each value that became the latest. */
  readonly revision: number;
}

export interface DeviceConnection {
  readonly state: 'online' | 'offline' | 'never';
  readonly since: number | null;
  readonly lastSeenAt: number | null;
}

const NEVER: DeviceConnection = { state: 'never', since: null, lastSeenAt: null };

/** What a device says of itself, and what was written to it. */
export interface DeviceAttributes {
  readonly client: Readonly<Record<string, PointValue>>;
  readonly shared: Readonly<Record<string, PointValue>>;
}

const NO_ATTRIBUTES: DeviceAttributes = { client: {}, shared: {} };

interface DeviceLife {
  state: 'online' | 'offline' | 'never';
  since: number | null;
  lastSeenAt: number | null;
  sequence?: SequenceWindow;
}

export interface LiveSnapshot {
  readonly latest: readonly Omit<LatestValue, 'revision'>[];
  readonly connections: readonly (readonly [string, DeviceConnection])[];
  /** Absent in snapshots of earlier versions. */
  readonly sequences?: readonly (readonly [string, SequenceState])[];
  readonly attributes?: readonly (readonly [string, DeviceAttributes])[];
}

/** What is known of a source of readings: found once, used for each of them. */
interface Binding {
  readonly source: ReadingSource;
  readonly device: DeviceLife;
  readonly slots: Uint32Array;
}

const FIRST_SLOTS = 1_024;

/**
 * The newest value of every point, and of every device its connection, the numbers of its messages and its attributes: a
 * fold of the journal.
 */
export class LiveState {
  readonly #slotOf = new Map<string, number>();
  readonly #pointOf: string[] = [];
  #ts = new Float64Array(FIRST_SLOTS).fill(NaN);
  #receivedAt = new Float64Array(FIRST_SLOTS);
  #value = new Float64Array(FIRST_SLOTS);
  #type = new Uint8Array(FIRST_SLOTS);
  #quality = new Uint8Array(FIRST_SLOTS);
  #revision = new Uint32Array(FIRST_SLOTS);
  readonly #texts = new Map<number, string>();
  readonly #devices = new Map<string, DeviceLife>();
  readonly #attributes = new Map<string, DeviceAttributes>();
  /** By `ReadingSource.index`. */
  readonly #bindings: (Binding | undefined)[] = [];

  static restore(snapshot: LiveSnapshot | undefined): LiveState {
    const live = new LiveState();
    for (const { pointId, value, quality, ts, receivedAt } of snapshot?.latest ?? []) {
      live.#put(live.#slot(pointId), value, QUALITIES.indexOf(quality), ts, receivedAt);
    }
    for (const [id, connection] of snapshot?.connections ?? []) live.#devices.set(id, { ...connection });
    for (const [id, state] of snapshot?.sequences ?? []) {
      live.#device(id).sequence = SequenceWindow.restore(state);
    }
    for (const [id, attributes] of snapshot?.attributes ?? []) live.#attributes.set(id, attributes);
    return live;
  }

  applyReadings({ readings }: JournalReadings): void {
    const { count, sources, source, receivedAt, ts, deviceTime, seq, boot, boots, sampleEnd } = readings;
    let sample = 0;
    for (let i = 0; i < count; i++) {
      const from = sources[source[i]!]!;
      const { device, slots } = this.#bindings[from.index] ?? this.#bind(from);
      const time = ts[i]!;
      const received = receivedAt[i]!;
      device.lastSeenAt = received;
      if (boot[i] !== NO_BOOT) this.#saw(device, boots[boot[i]! - 1]!, seq[i]!, deviceTime[i]!);
      for (const end = sampleEnd[i]!; sample < end; sample++) {
        const slot = slots[readings.point[sample]!]!;
        // Back-filled and late values belong to the history, not to the picture of now.
        if (this.#ts[slot]! > time) continue;
        this.#ts[slot] = time;
        this.#receivedAt[slot] = received;
        this.#value[slot] = readings.value[sample]!;
        const type = readings.type[sample]!;
        this.#type[slot] = type;
        if (type === IS_TEXT) this.#texts.set(slot, readings.texts[readings.value[sample]!] ?? '');
        this.#quality[slot] = readings.quality[sample]!;
        this.#revision[slot]!++;
      }
    }
  }

  apply(entry: JournalEntry): void {
    const { record } = entry;
    switch (record.kind) {
      case 'reading':
      case 'event': {
        const device = this.#device(record.deviceId);
        device.lastSeenAt = record.receivedAt;
        if (record.kind === 'reading' && record.boot !== undefined && record.seq !== undefined) {
          const said = record.deviceTime ?? (record.ts === record.receivedAt ? NaN : record.ts);
          this.#saw(device, record.boot, record.seq, said);
        }
        for (const [pointId, value, quality = 'good'] of record.samples) {
          const slot = this.#slot(pointId);
          if (this.#ts[slot]! > record.ts) continue;
          this.#put(slot, value, QUALITIES.indexOf(quality), record.ts, record.receivedAt);
        }
        break;
      }
      case 'connection': {
        const device = this.#device(record.deviceId);
        device.state = record.connected ? 'online' : 'offline';
        device.since = entry.at;
        break;
      }
      case 'attributes':
        this.#merge(record.deviceId, 'client', record.attributes);
        break;
      case 'device-command':
        if (record.command === 'write_attributes') {
          this.#merge(record.deviceId, 'shared', scalars(record.params));
        }
        break;
      case 'remove':
        this.#forget(record.deviceId);
        break;
      case 'device-command-event':
      case 'configure':
      case 'command':
      case 'dead-letter':
      case 'start':
      case 'tick':
        break;
    }
  }

  latest(pointId: string): LatestValue | undefined {
    const slot = this.#slotOf.get(pointId);
    return slot === undefined ? undefined : this.#at(slot);
  }

  connection(deviceId: string): DeviceConnection {
    const device = this.#devices.get(deviceId);
    return device === undefined ? NEVER : connectionOf(device);
  }

  attributes(deviceId: string): DeviceAttributes {
    return this.#attributes.get(deviceId) ?? NO_ATTRIBUTES;
  }

  /** What is known of the numbers of the device's messages. */
  sequence(deviceId: string): SequenceState | undefined {
    return this.#devices.get(deviceId)?.sequence?.state();
  }

  onlineDevices(): string[] {
    return [...this.#devices].filter(([, { state }]) => state === 'online').map(([id]) => id);
  }

  snapshot(): LiveSnapshot {
    const latest: LatestValue[] = [];
    for (const slot of this.#slotOf.values()) {
      const value = this.#at(slot);
      if (value !== undefined) latest.push(value);
    }
    const sequences: [string, SequenceState][] = [];
    for (const [id, { sequence }] of this.#devices) {
      const state = sequence?.state();
      if (state !== undefined) sequences.push([id, state]);
    }
    return {
      latest,
      connections: [...this.#devices].map(([id, device]) => [id, connectionOf(device)]),
      sequences,
      attributes: [...this.#attributes],
    };
  }

  #at(slot: number): LatestValue | undefined {
    const ts = this.#ts[slot]!;
    if (Number.isNaN(ts)) return undefined;
    return {
      pointId: this.#pointOf[slot]!,
      value: this.#valueAt(slot),
      quality: QUALITIES[this.#quality[slot]!]!,
      ts,
      receivedAt: this.#receivedAt[slot]!,
      revision: this.#revision[slot]!,
    };
  }

  #valueAt(slot: number): PointValue {
    const type = this.#type[slot];
    if (type === IS_NUMBER) return this.#value[slot]!;
    return type === IS_BOOLEAN ? this.#value[slot] !== 0 : (this.#texts.get(slot) ?? '');
  }

  #put(slot: number, value: PointValue, quality: number, ts: number, receivedAt: number): void {
    this.#ts[slot] = ts;
    this.#receivedAt[slot] = receivedAt;
    this.#quality[slot] = quality;
    this.#revision[slot]!++;
    if (typeof value === 'string') {
      this.#type[slot] = IS_TEXT;
      this.#texts.set(slot, value);
    } else {
      this.#type[slot] = typeof value === 'boolean' ? IS_BOOLEAN : IS_NUMBER;
      this.#value[slot] = Number(value);
    }
  }

  #bind(source: ReadingSource): Binding {
    const slots = Uint32Array.from(source.pointIds, (pointId) => this.#slot(pointId));
    const binding = { source, device: this.#device(source.deviceId), slots };
    this.#bindings[source.index] = binding;
    return binding;
  }

  #slot(pointId: string): number {
    let slot = this.#slotOf.get(pointId);
    if (slot !== undefined) return slot;
    slot = this.#pointOf.push(pointId) - 1;
    this.#slotOf.set(pointId, slot);
    if (slot === this.#ts.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const length = this.#ts.length * 2;
    const ts = new Float64Array(length).fill(NaN);
    ts.set(this.#ts);
    this.#ts = ts;
    this.#receivedAt = grown(this.#receivedAt, new Float64Array(length));
    this.#value = grown(this.#value, new Float64Array(length));
    this.#type = grown(this.#type, new Uint8Array(length));
    this.#quality = grown(this.#quality, new Uint8Array(length));
    this.#revision = grown(this.#revision, new Uint32Array(length));
  }

  #saw(device: DeviceLife, boot: string, seq: number, deviceTime: number): void {
    if (Number.isNaN(seq)) return;
    device.sequence ??= new SequenceWindow();
    device.sequence.take(boot, seq, deviceTime);
  }

  #merge(deviceId: string, side: keyof DeviceAttributes, more: Readonly<Record<string, PointValue>>): void {
    const known = this.attributes(deviceId);
    const merged = Object.assign(Object.create(null) as Record<string, PointValue>, known[side], more);
    this.#attributes.set(deviceId, { ...known, [side]: merged });
  }

  #forget(deviceId: string): void {
    this.#devices.delete(deviceId);
    this.#attributes.delete(deviceId);
    for (const [pointId, slot] of this.#slotOf) {
      if (!pointId.startsWith(`${deviceId}.`)) continue;
      this.#ts[slot] = NaN;
      this.#texts.delete(slot);
    }
    for (const [index, binding] of this.#bindings.entries()) {
      if (binding?.source.deviceId === deviceId) this.#bindings[index] = undefined;
    }
  }

  #device(deviceId: string): DeviceLife {
    let device = this.#devices.get(deviceId);
    if (device === undefined) {
      device = { state: 'never', since: null, lastSeenAt: null };
      this.#devices.set(deviceId, device);
    }
    return device;
  }
}

function connectionOf({ state, since, lastSeenAt }: DeviceLife): DeviceConnection {
  return { state, since, lastSeenAt };
}

function scalars(params: Readonly<Record<string, unknown>>): Record<string, PointValue> {
  const found = Object.create(null) as Record<string, PointValue>;
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') {
      found[name] = value;
    }
  }
  return found;
}

function grown<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from);
  return into;
}

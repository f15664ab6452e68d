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
  SourcePlaces,
} from '@watchfire/readings';
import { DUTY_CHECK_EVENT } from './duty-check-event.js';

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
  /** Where its `lastSeenAt` is. */
  readonly index: number;
  state: 'online' | 'offline' | 'never';
  since: number | null;
  sequence?: SequenceWindow;
}

export interface LiveSnapshot {
  readonly latest: readonly Omit<LatestValue, 'revision'>[];
  readonly connections: readonly (readonly [string, DeviceConnection])[];
  /** Absent in snapshots of earlier versions. */
  readonly sequences?: readonly (readonly [string, SequenceState])[];
  readonly attributes?: readonly (readonly [string, DeviceAttributes])[];
}

const FIRST_SLOTS = 1_024;
/** Doubles a slot: half a line of the processor's cache. */
const STRIDE = 4;
const TS = 0;
const RECEIVED_AT = 1;
const VALUE = 2;
/** Revision, quality and type in one number: what is written together stands together. */
const ABOUT = 3;
const TYPES = 4;
const QUALITY_STEP = TYPES;
const REVISION_STEP = TYPES * 4;

/**
 * The newest value of every point, and of every device its connection, the numbers of its messages and its attributes: a
 * fold of the journal.
 */
export class LiveState {
  readonly #slotOf = new Map<string, number>();
  readonly #pointOf: string[] = [];
  /** Of each slot `ts` (NaN: no value), `receivedAt`, the value and what is said about it. */
  #slots = new Float64Array(FIRST_SLOTS * STRIDE).fill(NaN);
  /** By `DeviceLife.index`; NaN: never. */
  #lastSeenAt = new Float64Array(FIRST_SLOTS).fill(NaN);
  readonly #texts = new Map<number, string>();
  readonly #devices = new Map<string, DeviceLife>();
  readonly #attributes = new Map<string, DeviceAttributes>();
  /** By `DeviceLife.index`. */
  readonly #lives: (DeviceLife | undefined)[] = [];
  /** Of each source the index of its device and the slots of its points. */
  readonly #places = new SourcePlaces();

  static restore(snapshot: LiveSnapshot | undefined): LiveState {
    const live = new LiveState();
    for (const { pointId, value, quality, ts, receivedAt } of snapshot?.latest ?? []) {
      live.#put(live.#slot(pointId), value, QUALITIES.indexOf(quality), ts, receivedAt);
    }
    for (const [id, { state, since, lastSeenAt }] of snapshot?.connections ?? []) {
      const device = live.#device(id);
      Object.assign(device, { state, since });
      live.#lastSeenAt[device.index] = lastSeenAt ?? NaN;
    }
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
      const known = this.#places.find(from);
      const place = known < 0 ? this.#bind(from) : known;
      const slotsOf = this.#places.numbers;
      const slots = this.#slots;
      const time = ts[i]!;
      const received = receivedAt[i]!;
      const device = slotsOf[place]!;
      this.#lastSeenAt[device] = received;
      if (boot[i] !== NO_BOOT) {
        this.#saw(this.#lives[device]!, boots[boot[i]! - 1]!, seq[i]!, deviceTime[i]!);
      }
      for (const end = sampleEnd[i]!; sample < end; sample++) {
        const slot = slotsOf[place + 1 + readings.point[sample]!]!;
        const at = slot * STRIDE;
        // Back-filled and late values belong to the history, not to the picture of now.
        if (slots[at + TS]! > time) continue;
        slots[at + TS] = time;
        slots[at + RECEIVED_AT] = received;
        slots[at + VALUE] = readings.value[sample]!;
        const type = readings.type[sample]!;
        if (type === IS_TEXT) this.#texts.set(slot, readings.texts[readings.value[sample]!] ?? '');
        slots[at + ABOUT] = nextAbout(slots[at + ABOUT]!, type, readings.quality[sample]!);
      }
    }
  }

  apply(entry: JournalEntry): void {
    const { record } = entry;
    switch (record.kind) {
      case 'reading':
      case 'event': {
        const device = this.#device(record.deviceId);
        // What the server says of a device is no sign of life of it.
        if (record.kind !== 'event' || record.event !== DUTY_CHECK_EVENT)
          this.#lastSeenAt[device.index] = record.receivedAt;
        if (record.kind === 'reading' && record.boot !== undefined && record.seq !== undefined) {
          const said = record.deviceTime ?? (record.ts === record.receivedAt ? NaN : record.ts);
          this.#saw(device, record.boot, record.seq, said);
        }
        for (const [pointId, value, quality = 'good'] of record.samples) {
          const slot = this.#slot(pointId);
          if (this.#slots[slot * STRIDE + TS]! > record.ts) continue;
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
      case 'clock-set':
      case 'configure':
      case 'command':
      case 'dead-letter':
      case 'server-condition':
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
    return device === undefined ? NEVER : this.#connectionOf(device);
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
      connections: [...this.#devices].map(([id, device]) => [id, this.#connectionOf(device)]),
      sequences,
      attributes: [...this.#attributes],
    };
  }

  #at(slot: number): LatestValue | undefined {
    const at = slot * STRIDE;
    const ts = this.#slots[at + TS]!;
    if (Number.isNaN(ts)) return undefined;
    const about = this.#slots[at + ABOUT]!;
    return {
      pointId: this.#pointOf[slot]!,
      value: this.#valueAt(slot, about % TYPES),
      quality: QUALITIES[Math.floor((about % REVISION_STEP) / QUALITY_STEP)]!,
      ts,
      receivedAt: this.#slots[at + RECEIVED_AT]!,
      revision: Math.floor(about / REVISION_STEP),
    };
  }

  #valueAt(slot: number, type: number): PointValue {
    const value = this.#slots[slot * STRIDE + VALUE]!;
    if (type === IS_NUMBER) return value;
    return type === IS_BOOLEAN ? value !== 0 : (this.#texts.get(slot) ?? '');
  }

  #put(slot: number, value: PointValue, quality: number, ts: number, receivedAt: number): void {
    const at = slot * STRIDE;
    this.#slots[at + TS] = ts;
    this.#slots[at + RECEIVED_AT] = receivedAt;
    if (typeof value === 'string') this.#texts.set(slot, value);
    else this.#slots[at + VALUE] = Number(value);
    this.#slots[at + ABOUT] = nextAbout(this.#slots[at + ABOUT]!, typeOf(value), quality);
  }

  #bind(source: ReadingSource): number {
    const { index } = this.#device(source.deviceId);
    return this.#places.put(
      source,
      index,
      source.pointIds.map((pointId) => this.#slot(pointId)),
    );
  }

  #slot(pointId: string): number {
    let slot = this.#slotOf.get(pointId);
    if (slot !== undefined) return slot;
    slot = this.#pointOf.push(pointId) - 1;
    this.#slotOf.set(pointId, slot);
    this.#slots = withRoom(this.#slots, (slot + 1) * STRIDE);
    return slot;
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
    const device = this.#devices.get(deviceId);
    if (device !== undefined) this.#lives[device.index] = undefined;
    this.#devices.delete(deviceId);
    this.#places.forget(deviceId);
    this.#attributes.delete(deviceId);
    for (const [pointId, slot] of this.#slotOf) {
      if (!pointId.startsWith(`${deviceId}.`)) continue;
      this.#slots[slot * STRIDE + TS] = NaN;
      this.#texts.delete(slot);
    }
  }

  #device(deviceId: string): DeviceLife {
    let device = this.#devices.get(deviceId);
    if (device === undefined) {
      device = { index: this.#lives.length, state: 'never', since: null };
      this.#devices.set(deviceId, device);
      this.#lives.push(device);
      this.#lastSeenAt = withRoom(this.#lastSeenAt, this.#lives.length);
    }
    return device;
  }

  #connectionOf({ index, state, since }: DeviceLife): DeviceConnection {
    const lastSeenAt = this.#lastSeenAt[index]!;
    return { state, since, lastSeenAt: Number.isNaN(lastSeenAt) ? null : lastSeenAt };
  }
}

function typeOf(value: PointValue): number {
  if (typeof value === 'string') return IS_TEXT;
  return typeof value === 'boolean' ? IS_BOOLEAN : IS_NUMBER;
}

/** What is said about the next value of a slot; NaN before the first. */
function nextAbout(about: number, type: number, quality: number): number {
  const revision = Number.isNaN(about) ? 0 : Math.floor(about / REVISION_STEP);
  return (revision + 1) * REVISION_STEP + quality * QUALITY_STEP + type;
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

/** The array, or a longer one with what is in it; what is new is NaN. */
function withRoom(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const longer = new Float64Array(length * 2).fill(NaN);
  longer.set(array);
  return longer;
}

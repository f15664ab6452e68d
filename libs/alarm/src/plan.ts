import { byCodeUnit } from './canonical.js';
import { type DeviceConfiguration } from './model.js';

/** Stands before the number of a point of the device, in place of its id. */
const MARK = '~';

/** A silence that must be told: of the point of that number, or of the device. */
export interface Silence {
  readonly point: number | undefined;
  readonly afterMs: number;
}

/** What devices of one profile have in common: their points and rules, in which points of the device are named by number. */
export interface Plan {
  readonly text: string;
  readonly parts: Pick<DeviceConfiguration, 'points' | 'rules'>;
  readonly keys: ReadonlySet<string>;
  /** By how much a clock may be wrong, ms, by the strictest rule about it; Infinity: there is none. */
  readonly clockLimitMs: number;
  /** Follows from the rules; undefined until the first device of the plan rests. */
  silences: readonly Silence[] | undefined;
}

/** A configuration without what others have as well. */
export interface PackedConfiguration {
  readonly plan: Plan;
  readonly own: Omit<DeviceConfiguration, 'points' | 'rules'>;
  /** Undefined: each is the id of the device, a point and the key. */
  readonly pointIds: readonly string[] | undefined;
}

/** Keeps configurations of many devices in the space of one, as long as they differ in nothing but names. */
export class Plans {
  /** A plan lives as long as a configuration of it does. */
  private readonly known = new Map<string, WeakRef<Plan>>();
  private readonly unused = new FinalizationRegistry<string>((text) => {
    if (this.known.get(text)?.deref() === undefined) this.known.delete(text);
  });
  private readonly packed = new WeakMap<DeviceConfiguration, PackedConfiguration | null>();

  /** Undefined where texts of the configuration could be taken for the number of a point: it is then to be kept as it is. */
  pack(configuration: DeviceConfiguration): PackedConfiguration | undefined {
    let packed = this.packed.get(configuration);
    if (packed === undefined) {
      packed = this.packAnew(configuration) ?? null;
      this.packed.set(configuration, packed);
    }
    return packed ?? undefined;
  }

  private packAnew(configuration: DeviceConfiguration): PackedConfiguration | undefined {
    const { points, rules, ...own } = configuration;
    const numberOf = new Map(points.map(({ pointId }, index) => [pointId, `${MARK}${index}`]));
    let isAmbiguous = numberOf.size < points.length;
    const parts = replaceTexts({ points, rules }, (text) => {
      if (text.startsWith(MARK)) isAmbiguous = true;
      return numberOf.get(text) ?? text;
    });
    if (isAmbiguous) return undefined;
    const pointIds = points.map(({ pointId }) => pointId);
    const areDerived = points.every(({ key }, index) => derivedId(own.deviceId, key) === pointIds[index]);
    return { plan: this.of(parts), own, pointIds: areDerived ? undefined : pointIds };
  }

  unpack(packed: PackedConfiguration): DeviceConfiguration {
    const configuration = unpackedConfiguration(packed);
    this.packed.set(configuration, packed);
    return configuration;
  }

  /** The ids of its points, in their order. */
  pointIds({ plan, own, pointIds }: PackedConfiguration): readonly string[] {
    return pointIds ?? idsOf(plan.parts, own.deviceId);
  }

  has({ plan, own, pointIds }: PackedConfiguration, pointId: string): boolean {
    if (pointIds !== undefined) return pointIds.includes(pointId);
    const prefix = derivedId(own.deviceId, '');
    return pointId.startsWith(prefix) && plan.keys.has(pointId.slice(prefix.length));
  }

  /** The plan of devices that have this in common. */
  of(parts: Plan['parts']): Plan {
    const text = JSON.stringify(parts);
    const known = this.known.get(text)?.deref();
    if (known !== undefined) return known;
    const keys = new Set(parts.points.map(({ key }) => key));
    const plan: Plan = { text, parts, keys, clockLimitMs: clockLimitOf(parts.rules), silences: undefined };
    this.known.set(text, new WeakRef(plan));
    this.unused.register(plan, text);
    return plan;
  }
}

/** The configuration as it was before it was packed. */
function unpackedConfiguration({ plan, own, pointIds }: PackedConfiguration): DeviceConfiguration {
  const ids = pointIds ?? idsOf(plan.parts, own.deviceId);
  const { points, rules } = replaceTexts(plan.parts, (text) =>
    text.startsWith(MARK) ? (ids[Number(text.slice(MARK.length))] ?? text) : text,
  );
  // What is in it is canonical already: the keys of the whole are not.
  const entries = Object.entries({ ...own, points, rules });
  return Object.fromEntries(entries.sort(([a], [b]) => byCodeUnit(a, b))) as unknown as DeviceConfiguration;
}

function idsOf({ points }: Plan['parts'], deviceId: string): readonly string[] {
  return points.map(({ key }) => derivedId(deviceId, key));
}

function clockLimitOf(rules: DeviceConfiguration['rules']): number {
  const limits = rules.map(({ condition }) => (condition.kind === 'clock' ? condition.limitMs : Infinity));
  return Math.min(Infinity, ...limits);
}

function derivedId(deviceId: string, key: string): string {
  return `${deviceId}.${key}`;
}

/** A copy of plain JSON data with other texts; keys stay. */
function replaceTexts<T>(value: T, replace: (text: string) => string): T {
  return replaced(value, replace) as T;
}

function replaced(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((entry) => replaced(entry, replace));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) copy[key] = replaced(entry, replace);
  return copy;
}

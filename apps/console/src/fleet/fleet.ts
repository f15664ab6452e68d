import { type DeviceView, type PointView, type SiteView } from '@watchfire/contracts';
import { computed, ref, shallowRef, type ComputedRef } from 'vue';
import { type Api } from '../rest/api.js';
import { RestError } from '../rest/rest-client.js';
import { Grid } from './grid.js';

/** How many devices and points are alive: what makes an empty alarm list believable. */
export interface FleetSummary {
  readonly devices: number;
  readonly online: number;
  /** Devices that are offline or were never seen. */
  readonly blind: number;
  /** Points of devices that are online, with a value of known quality. */
  readonly livePoints: number;
}

/** Nothing comes from it. What has no hardware has nothing to say by itself, and is not blind. */
export function isBlind({ logic, connection }: DeviceView): boolean {
  return !logic && connection !== 'online';
}

export function summarise(all: readonly DeviceView[]): FleetSummary {
  const devices = all.filter(({ logic }) => !logic);
  const online = devices.filter((device) => device.connection === 'online');
  const live = online.flatMap((device) =>
    device.points.filter(
      ({ latest }) => latest !== null && latest.quality !== 'bad' && latest.quality !== 'stale',
    ),
  );
  return {
    devices: devices.length,
    online: online.length,
    blind: devices.length - online.length,
    livePoints: live.length,
  };
}

/** Sites and devices as last read; live values come on top of it by `watch`. */
export class Fleet {
  readonly devices = shallowRef<readonly DeviceView[]>([]);
  readonly sites = shallowRef<readonly SiteView[]>([]);
  readonly grid = shallowRef(new Grid([]));
  readonly loadedAt = ref<number | null>(null);
  readonly failure = shallowRef<RestError | null>(null);
  /** Null while nothing is known, or what is known is old: never a number that may be wrong. */
  readonly summary: ComputedRef<FleetSummary | null> = computed(() =>
    this.loadedAt.value === null || this.failure.value !== null ? null : summarise(this.devices.value),
  );
  /** Points by id, for their names. */
  readonly points: ComputedRef<ReadonlyMap<string, PointView>> = computed(
    () =>
      new Map(this.devices.value.flatMap((device) => device.points.map((point) => [point.pointId, point]))),
  );
  private loading: Promise<void> | undefined;

  constructor(private readonly api: Api) {}

  /** Reads everything again; calls that come while one is under way share it. */
  load(): Promise<void> {
    this.loading ??= this.read().finally(() => (this.loading = undefined));
    return this.loading;
  }

  private async read(): Promise<void> {
    try {
      const [cells, sites, devices] = await Promise.all([
        this.api.grid(),
        this.api.sites(),
        this.api.devices(),
      ]);
      this.grid.value = new Grid(cells);
      this.sites.value = sites;
      this.devices.value = devices;
      this.loadedAt.value = Date.now();
      this.failure.value = null;
    } catch (error) {
      this.failure.value = error instanceof RestError ? error : new RestError(0, 'internal', String(error));
    }
  }
}

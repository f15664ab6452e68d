import { type AlarmView } from '@watchfire/alarm';
import { type Catalogue } from '@watchfire/catalogue';
import { type Alarm, type DeviceView, pointIdOf, type PointView } from '@watchfire/contracts';
import { type EngineHost } from '@watchfire/engine';
import { type DeviceContext } from '@watchfire/registry';

/** Best first: an alarm that nobody has seen outranks one that is being handled. */
const STATE_ORDER: readonly Alarm['state'][] = ['NORM', 'LATAK', 'ACKED', 'RTNUN', 'LATUN', 'UNACK'];

/** Devices with their live values, as one moment of the engine has them. */
export class DeviceViews {
  readonly #stateByPoint = new Map<string, Alarm['state']>();

  constructor(
    private readonly engine: EngineHost,
    private readonly catalogue: Catalogue,
  ) {
    for (const alarm of engine.alarms()) this.#note(alarm);
  }

  device(context: DeviceContext): DeviceView {
    const { device, site, enterprise } = context;
    const profile = this.catalogue.profile(device.profile);
    const connection = this.engine.connection(device.id);
    return {
      id: device.id,
      deviceId: device.id,
      siteId: site.id,
      siteName: site.name,
      enterpriseId: enterprise.id,
      enterpriseName: enterprise.name,
      gridCode: site.gridCode,
      profile: device.profile,
      profileName: profile?.name.zh ?? device.profile,
      profileNameEn: profile?.name.en ?? device.profile,
      name: device.name,
      address: device.address,
      dialect: device.dialect,
      gatewayId: device.gatewayId,
      wireName: device.wireName,
      keys: device.keys,
      logic: profile?.logic ?? false,
      members: device.members,
      connection: connection.state,
      connectionSince: connection.since,
      lastSeenAt: connection.lastSeenAt,
      clockSkewMs: this.engine.clockSkew(device.id) ?? null,
      points: this.points(context),
    };
  }

  points({ device }: DeviceContext): PointView[] {
    const points = this.catalogue.profile(device.profile)?.points ?? [];
    return points.map(({ key, name, unit }) => {
      const pointId = pointIdOf(device.id, key);
      const latest = this.engine.latest(pointId);
      return {
        pointId,
        key,
        name: name.zh,
        nameEn: name.en,
        unit,
        latest:
          latest === undefined
            ? null
            : {
                value: latest.value,
                quality: latest.quality,
                ts: latest.ts,
                receivedAt: latest.receivedAt,
              },
        state: this.#stateByPoint.get(pointId) ?? 'NORM',
      };
    });
  }

  #note({ pointId, state }: AlarmView): void {
    if (pointId === null) return;
    const known = this.#stateByPoint.get(pointId) ?? 'NORM';
    if (STATE_ORDER.indexOf(state) > STATE_ORDER.indexOf(known)) this.#stateByPoint.set(pointId, state);
  }
}

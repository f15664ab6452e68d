import { AlarmEngine, type PointValue } from '@watchfire/alarm';
import { priorityOf } from '@watchfire/contracts';
import { type DeviceContext } from '@watchfire/registry';
import { deviceConfiguration } from '../src/device-configuration.js';
import { type Profile } from '../src/model.js';

/** A Monday. */
export const START = Date.UTC(2026, 0, 5, 8);
const SITE = {
  id: 's',
  enterpriseId: 'e',
  name: 's',
  kind: null,
  gridCode: null,
  longitude: null,
  latitude: null,
};

/** A device of a profile on the engine as it ships, its seconds counted from a Monday morning. */
export class Installed {
  readonly engine = AlarmEngine.create();
  private offset = 0;

  constructor(private readonly profile: Profile) {
    const { key } = profile;
    const device = { id: 'd', siteId: 's', profile: key, name: 'd', address: null, dialect: 'standard' };
    const context: DeviceContext = {
      device: {
        ...device,
        disabled: false,
        createdAt: START,
        gatewayId: null,
        wireName: null,
        keys: {},
        members: [],
      },
      site: { ...SITE, createdAt: START },
      enterprise: { id: 'e', name: 'e', createdAt: START },
    };
    this.apply(0, { kind: 'configure', device: deviceConfiguration(context, profile, []) });
    this.apply(0, { kind: 'connection', deviceId: 'd', connected: true, reason: 'connect' });
  }

  /** The device says so at this second. */
  says(second: number, values: Readonly<Record<string, PointValue>>): this {
    const at = START + second * 1_000;
    const samples = Object.entries(values).map(([key, value]) => ({
      pointId: `d.${key}`,
      value,
      quality: 'good' as const,
    }));
    return this.apply(second, {
      kind: 'reading',
      deviceId: 'd',
      receivedAt: at,
      ts: at,
      historical: false,
      samples,
    });
  }

  /** A message of a clock that is so many seconds ahead. */
  saysAhead(second: number, aheadSeconds: number): this {
    const at = START + second * 1_000;
    return this.apply(second, {
      kind: 'reading',
      deviceId: 'd',
      receivedAt: at,
      ts: at,
      deviceTime: at + aheadSeconds * 1_000,
      historical: false,
      samples: [],
    });
  }

  takenOver(second: number): this {
    return this.apply(second, { kind: 'connection', deviceId: 'd', connected: true, reason: 'taken_over' });
  }

  event(second: number, name: string): this {
    return this.says(second, this.profile.events[name] ?? {});
  }

  until(second: number): this {
    return this.apply(second, { kind: 'tick' });
  }

  /** `rule level colour state`, by rule. */
  seen(): string[] {
    return [...this.engine.alarms()]
      .filter((alarm) => alarm.state !== 'NORM')
      .map((alarm) => `${alarm.rule} ${alarm.level ?? '-'} ${priorityOf(alarm.severity)} ${alarm.state}`)
      .sort();
  }

  private apply(second: number, input: Parameters<AlarmEngine['apply']>[0]['input']): this {
    this.offset += 1;
    this.engine.apply({ offset: this.offset, at: START + second * 1_000, input });
    return this;
  }
}

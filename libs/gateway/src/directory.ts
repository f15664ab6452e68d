import { pointIdOf } from '@watchfire/contracts';

type Scalar = number | boolean | string;

export interface DirectoryPoint {
  readonly pointId: string;
  readonly type: 'number' | 'boolean' | 'string';
  /** What the device can represent, inclusive; not its alarm limits and not its measuring span. */
  readonly min?: number;
  readonly max?: number;
}

/** What the front door must know of a device. */
export interface DirectoryDevice {
  readonly deviceId: string;
  /** `null`: the device has no MQTT credential and cannot sign in. */
  readonly credentialHash: string | null;
  readonly disabled: boolean;
  /** By point key. */
  readonly points: ReadonlyMap<string, DirectoryPoint>;
  /** By event name: the values of points that the event stands for. */
  readonly events: ReadonlyMap<string, readonly (readonly [key: string, value: Scalar])[]>;
}

/** The devices that may come in, in memory: sign-in and intake ask nobody. Filled by commissioning. */
export class DeviceDirectory {
  private readonly devices = new Map<string, DirectoryDevice>();

  find(deviceId: string): DirectoryDevice | undefined {
    return this.devices.get(deviceId);
  }

  /** Adds or replaces. A connection that is open keeps its session; close it with `MqttGateway.disconnectDevice`. */
  upsert(device: DirectoryDevice): void {
    this.devices.set(device.deviceId, device);
  }

  remove(deviceId: string): void {
    this.devices.delete(deviceId);
  }

  get size(): number {
    return this.devices.size;
  }
}

/** As much of a catalogue profile as the front door uses. */
export interface ProfileShape {
  readonly points: readonly {
    readonly key: string;
    readonly type: 'number' | 'boolean' | 'string';
    readonly min?: number | undefined;
    readonly max?: number | undefined;
  }[];
  readonly events: Readonly<Record<string, Readonly<Record<string, Scalar>>>>;
}

export function directoryDevice(
  device: { readonly id: string; readonly credentialHash: string | null; readonly disabled: boolean },
  profile: ProfileShape,
): DirectoryDevice {
  return {
    deviceId: device.id,
    credentialHash: device.credentialHash,
    disabled: device.disabled,
    points: new Map(
      profile.points.map(({ key, type, min, max }) => [
        key,
        {
          pointId: pointIdOf(device.id, key),
          type,
          ...(min === undefined ? {} : { min }),
          ...(max === undefined ? {} : { max }),
        },
      ]),
    ),
    events: new Map(
      Object.entries(profile.events).map(([name, values]) => [name, Object.entries(values)] as const),
    ),
  };
}

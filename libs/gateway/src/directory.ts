import { pointIdOf } from '@watchfire/contracts';
import { ReadingSource } from '@watchfire/readings';

type Scalar = number | boolean | string;

export interface DirectoryPoint {
  readonly pointId: string;
  readonly key: string;
  /** Its place in `DirectoryDevice.shapePoints` and in the source of its readings. */
  readonly index: number;
  readonly type: 'number' | 'boolean' | 'string';
  /** What the device can represent, inclusive; not its alarm limits and not its measuring span. */
  readonly min?: number;
  readonly max?: number;
}

/** One way in which a device may sign in, with what it is checked by. */
export type DirectoryCredential = {
  readonly id: string;
  /** Epoch ms; `null`: until it is revoked. */
  readonly expiresAt: number | null;
} & (
  | { readonly kind: 'password'; readonly hash: string }
  /** SHA-256 of the token, base64url. */
  | { readonly kind: 'token'; readonly digest: string }
  | { readonly kind: 'signed'; readonly secureId: string; readonly secureKey: string }
  /** SHA-256 of the certificate, hexadecimal; `null`: any that the client CA has issued to the device id. */
  | { readonly kind: 'certificate'; readonly fingerprint: string | null }
);

/** What the front door must know of a device. */
export interface DirectoryDevice {
  readonly deviceId: string;
  readonly disabled: boolean;
  /** As registered, `standard` by default. */
  readonly dialect: string;
  /** None: it cannot sign in, and only its gateway speaks for it. */
  readonly credentials: readonly DirectoryCredential[];
  /** Fingerprints of its certificates that must not open the door, whoever has issued them. */
  readonly revokedCertificates: readonly string[];
  /** By which it is known on a wire without sign-in (GB/T 26875.3: decimal, 48 bit). */
  readonly address: string | null;
  /** The device that speaks for this one, and what it calls it. */
  readonly gatewayId: string | null;
  readonly wireName: string | null;
  /** Point key by the name that the device uses on the wire. */
  readonly keys: ReadonlyMap<string, string>;
  /** By point key. */
  readonly points: ReadonlyMap<string, DirectoryPoint>;
  /** The same, in the order in which `source` numbers them. */
  readonly shapePoints: readonly DirectoryPoint[];
  readonly source: ReadingSource;
  /** By event name: the values of points that the event stands for. */
  readonly events: ReadonlyMap<string, readonly (readonly [key: string, value: Scalar])[]>;
}

export interface Holder {
  readonly device: DirectoryDevice;
  readonly credential: DirectoryCredential;
}

/** `undefined`: the device is no longer there. */
export type DirectoryListener = (deviceId: string, device: DirectoryDevice | undefined) => void;

/** The devices that may come in, in memory: sign-in and intake ask nobody. Filled by commissioning. */
export class DeviceDirectory {
  private readonly devices = new Map<string, DirectoryDevice>();
  /** By what a credential is found by, its kind in front. */
  private readonly holders = new Map<string, Holder>();
  private readonly revoked = new Map<string, string>();
  /** Device by gateway and by the name that the gateway has for it. */
  private readonly children = new Map<string, Map<string, string>>();
  private readonly addresses = new Map<string, DirectoryDevice>();
  /** Devices by the gateway that they are behind. */
  private readonly gateways = new Map<string, Set<string>>();
  private readonly listeners = new Set<DirectoryListener>();
  private changes = 0;

  /** Another one after each change of any device. */
  get revision(): number {
    return this.changes;
  }

  find(deviceId: string): DirectoryDevice | undefined {
    return this.devices.get(deviceId);
  }

  /** The device behind a gateway that the gateway calls so: by its wire name, or else by its id. */
  childOf(gatewayId: string, wireName: string): DirectoryDevice | undefined {
    const deviceId = this.children.get(gatewayId)?.get(wireName);
    if (deviceId !== undefined) return this.devices.get(deviceId);
    const device = this.devices.get(wireName);
    return device?.gatewayId === gatewayId ? device : undefined;
  }

  /** Whose connection leads to the device, and what it is called there when that is not its own. */
  wayTo(deviceId: string): { readonly speakerId: string; readonly child?: string } {
    const device = this.devices.get(deviceId);
    if (device === undefined || device.gatewayId === null) return { speakerId: deviceId };
    return { speakerId: device.gatewayId, child: device.wireName ?? deviceId };
  }

  /** The devices that a gateway speaks for. */
  behind(gatewayId: string): Iterable<string> {
    return this.gateways.get(gatewayId) ?? [];
  }

  /** The device that is known by a wire address. */
  ofAddress(address: string): DirectoryDevice | undefined {
    return this.addresses.get(address);
  }

  /** By the SHA-256 of the token, base64url. */
  holderOfToken(digest: string): Holder | undefined {
    return this.holders.get(`token ${digest}`);
  }

  holderOfSecureId(secureId: string): Holder | undefined {
    return this.holders.get(`signed ${secureId}`);
  }

  holderOfCertificate(fingerprint: string): Holder | undefined {
    return this.holders.get(`certificate ${fingerprint}`);
  }

  isCertificateRevoked(fingerprint: string): boolean {
    return this.revoked.has(fingerprint);
  }

  /** Adds or replaces; listeners are told. */
  upsert(device: DirectoryDevice): void {
    this.forget(device.deviceId);
    this.devices.set(device.deviceId, device);
    if (device.address !== null) this.addresses.set(device.address, device);
    for (const credential of device.credentials) {
      const found = foundBy(credential);
      if (found !== undefined) this.holders.set(found, { device, credential });
    }
    for (const fingerprint of device.revokedCertificates) this.revoked.set(fingerprint, device.deviceId);
    if (device.gatewayId !== null) {
      const behind = this.gateways.get(device.gatewayId) ?? new Set<string>();
      this.gateways.set(device.gatewayId, behind.add(device.deviceId));
    }
    if (device.gatewayId !== null && device.wireName !== null) {
      const names = this.children.get(device.gatewayId) ?? new Map<string, string>();
      this.children.set(device.gatewayId, names.set(device.wireName, device.deviceId));
    }
    this.tell(device.deviceId, device);
  }

  remove(deviceId: string): void {
    if (!this.devices.has(deviceId)) return;
    this.forget(deviceId);
    this.tell(deviceId, undefined);
  }

  /** Called after a device was added, replaced or removed, before `upsert` or `remove` returns. Answers how to stop it. */
  onChange(listener: DirectoryListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  all(): Iterable<DirectoryDevice> {
    return this.devices.values();
  }

  get size(): number {
    return this.devices.size;
  }

  private forget(deviceId: string): void {
    const device = this.devices.get(deviceId);
    if (device === undefined) return;
    this.devices.delete(deviceId);
    if (device.address !== null && this.addresses.get(device.address) === device) {
      this.addresses.delete(device.address);
    }
    for (const credential of device.credentials) {
      const found = foundBy(credential);
      if (found !== undefined && this.holders.get(found)?.device === device) this.holders.delete(found);
    }
    for (const fingerprint of device.revokedCertificates) this.revoked.delete(fingerprint);
    if (device.gatewayId === null) return;
    const behind = this.gateways.get(device.gatewayId);
    behind?.delete(deviceId);
    if (behind?.size === 0) this.gateways.delete(device.gatewayId);
    if (device.wireName === null) return;
    const names = this.children.get(device.gatewayId);
    if (names?.get(device.wireName) === deviceId) names.delete(device.wireName);
    if (names?.size === 0) this.children.delete(device.gatewayId);
  }

  private tell(deviceId: string, device: DirectoryDevice | undefined): void {
    this.changes++;
    for (const listener of this.listeners) listener(deviceId, device);
  }
}

function foundBy(credential: DirectoryCredential): string | undefined {
  switch (credential.kind) {
    case 'password':
      return undefined;
    case 'token':
      return `token ${credential.digest}`;
    case 'signed':
      return `signed ${credential.secureId}`;
    case 'certificate':
      return credential.fingerprint === null ? undefined : `certificate ${credential.fingerprint}`;
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

/** A device as it is registered; what is left out is not there. */
export interface DeviceShape {
  readonly id: string;
  readonly disabled: boolean;
  readonly credentials: readonly DirectoryCredential[];
  readonly revokedCertificates?: readonly string[];
  readonly dialect?: string;
  readonly address?: string | null;
  readonly gatewayId?: string | null;
  readonly wireName?: string | null;
  readonly keys?: Readonly<Record<string, string>>;
}

export function directoryDevice(device: DeviceShape, profile: ProfileShape): DirectoryDevice {
  const shapePoints = profile.points.map(({ key, type, min, max }, index) => ({
    pointId: pointIdOf(device.id, key),
    key,
    index,
    type,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  }));
  return {
    deviceId: device.id,
    disabled: device.disabled,
    dialect: device.dialect ?? 'standard',
    credentials: device.credentials,
    revokedCertificates: device.revokedCertificates ?? [],
    address: device.address ?? null,
    gatewayId: device.gatewayId ?? null,
    wireName: device.wireName ?? null,
    keys: new Map(Object.entries(device.keys ?? {})),
    points: new Map(shapePoints.map((point) => [point.key, point])),
    shapePoints,
    source: ReadingSource.of(
      device.id,
      shapePoints.map(({ pointId }) => pointId),
    ),
    events: new Map(
      Object.entries(profile.events).map(([name, values]) => [name, Object.entries(values)] as const),
    ),
  };
}

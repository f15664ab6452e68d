import { type ConfigurationChange } from '@watchfire/alarm';
import { type Catalogue, deviceConfiguration, type Profile } from '@watchfire/catalogue';
import { type EngineHost } from '@watchfire/engine';
import {
  type DeviceDirectory,
  directoryDevice,
  type DirectoryCredential,
  type DirectoryDevice,
} from '@watchfire/gateway';
import { type Journal } from '@watchfire/journal';
import {
  type DeviceContext,
  type DeviceCredentialRow,
  type Registry,
  type RuleLayerRow,
} from '@watchfire/registry';
import { CommissioningError } from './errors.js';

export interface CommissioningClock {
  /** Epoch ms. */
  now(): number;
  /** Ms of a clock that only runs forward. */
  monotonicMs(): number;
}

export interface ProvisioningSettings {
  readonly enabled: boolean;
  /** Wrong codes from one address; above it, nothing from there is looked at for a while. */
  readonly wrongCodesPerMinute: number;
}

export const DEFAULT_PROVISIONING: ProvisioningSettings = { enabled: true, wrongCodesPerMinute: 5 };

export interface CommissioningDependencies {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly engine: EngineHost;
  readonly clock: CommissioningClock;
  readonly provisioning: ProvisioningSettings;
  /** Device profiles of GB/T 26875.3. */
  readonly fireDialects: ReadonlySet<string>;
}

/** Keeps the registry, the engine's configuration and the directory of the front door saying the same of a device. */
export class InService {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(readonly deps: CommissioningDependencies) {}

  /** Into the journal, for the engine, then into the directory: nobody speaks before somebody listens. */
  async put(context: DeviceContext): Promise<void> {
    await this.configure(context, await this.deps.registry.rules.forDevice(context.device));
    await this.admit(context);
  }

  async configure(
    context: DeviceContext,
    rows: readonly RuleLayerRow[],
    change?: ConfigurationChange,
  ): Promise<void> {
    const device = deviceConfiguration(context, this.profile(context.device.profile), rows);
    await this.deps.journal.append({ kind: 'configure', device, ...(change && { change }) });
  }

  /** What the front door knows of the device; connections whose right is gone end with it. */
  async admit({ device }: DeviceContext): Promise<void> {
    const credentials = await this.deps.registry.credentials.forDevice(device.id);
    this.deps.directory.upsert(this.entry(device, credentials));
  }

  entry(device: DeviceContext['device'], credentials: readonly DeviceCredentialRow[]): DirectoryDevice {
    return directoryDevice(
      {
        ...device,
        credentials: credentials.flatMap((row) => directoryCredential(row) ?? []),
        revokedCertificates: credentials.flatMap(({ kind, lookup, revokedAt }) =>
          kind === 'certificate' && revokedAt !== null && lookup !== null ? [lookup] : [],
        ),
      },
      this.profile(device.profile),
    );
  }

  /** @throws CommissioningError `device_unknown`. */
  async context(deviceId: string): Promise<DeviceContext> {
    const context = await this.deps.registry.devices.context(deviceId);
    if (context !== undefined) return context;
    throw new CommissioningError('device_unknown', `There is no device ${deviceId}.`);
  }

  /** @throws CommissioningError `profile_unknown`. */
  profile(key: string): Profile {
    const profile = this.deps.catalogue.profile(key);
    if (profile !== undefined) return profile;
    const known = this.deps.catalogue.profiles().map((each) => each.key);
    throw new CommissioningError(
      'profile_unknown',
      `There is no profile ${key}; there are ${known.join(', ')}.`,
    );
  }

  /** One change at a time: no change may compute from the state before another. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** `undefined`: nobody can sign in with it, since it was revoked or the key file does not open it. */
function directoryCredential(row: DeviceCredentialRow): DirectoryCredential | undefined {
  const { id, kind, lookup, secret, expiresAt } = row;
  if (row.revokedAt !== null) return undefined;
  switch (kind) {
    case 'password':
      return secret === null ? undefined : { id, kind, expiresAt, hash: secret };
    case 'token':
      return lookup === null ? undefined : { id, kind, expiresAt, digest: lookup };
    case 'signed':
      return lookup === null || secret === null
        ? undefined
        : { id, kind, expiresAt, secureId: lookup, secureKey: secret };
    case 'certificate':
      return { id, kind, expiresAt, fingerprint: lookup };
  }
}

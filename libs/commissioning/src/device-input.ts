import { type Profile } from '@watchfire/catalogue';
import { type DeviceContext, type Registry } from '@watchfire/registry';
import { CommissioningError } from './errors.js';

/** Where a device is meant to be. */
export interface Placement {
  /** `undefined` for a device that is being made. */
  readonly deviceId: string | undefined;
  readonly enterpriseId: string | undefined;
  readonly gatewayId: string | null;
  readonly wireName: string | null;
}

/**
 * A gateway speaks for devices of its own enterprise, and no other speaks for it.
 *
 * @throws CommissioningError `gateway_invalid`.
 */
export async function checkGateway(
  registry: Registry,
  { deviceId, enterpriseId, gatewayId, wireName }: Placement,
): Promise<DeviceContext | undefined> {
  if (gatewayId === null) {
    if (wireName === null) return undefined;
    throw invalid('wireName is what a gateway calls the device: it needs a gatewayId.');
  }
  const gateway = await registry.devices.context(gatewayId);
  if (gateway === undefined || (enterpriseId !== undefined && gateway.enterprise.id !== enterpriseId)) {
    throw invalid(`There is no gateway ${gatewayId} in this enterprise.`);
  }
  if (gateway.device.gatewayId !== null) throw invalid(`${gatewayId} is behind a gateway itself.`);
  if (deviceId === gatewayId) throw invalid('A device is not behind itself.');
  if (deviceId !== undefined && (await registry.devices.isGateway(deviceId))) {
    throw invalid(`${deviceId} has devices behind it.`);
  }
  return gateway;
}

/** @throws CommissioningError `keys_invalid` unless each wire key stands for a point of its own. */
export function checkKeys(profile: Profile, keys: Readonly<Record<string, string>>): void {
  const taken = new Map<string, string>();
  for (const [wireKey, key] of Object.entries(keys)) {
    if (!profile.points.some((point) => point.key === key)) {
      throw new CommissioningError(
        'keys_invalid',
        `Profile ${profile.key} has no point ${key} (for ${wireKey}).`,
      );
    }
    const other = taken.get(key);
    if (other !== undefined) {
      throw new CommissioningError('keys_invalid', `${other} and ${wireKey} would both be the point ${key}.`);
    }
    taken.set(key, wireKey);
  }
}

/**
 * A device that is known by a wire address is a fire-control room: it is heard by a device profile that is there, and would be
 * misunderstood by another.
 *
 * @throws CommissioningError `dialect_unknown`.
 */
export function checkDialect(
  { address, dialect }: { readonly address?: string; readonly dialect?: string },
  known: ReadonlySet<string>,
): void {
  if (address === undefined || dialect === undefined || known.has(dialect)) return;
  const names = [...known].sort().join(', ');
  throw new CommissioningError('dialect_unknown', `There is no device profile ${dialect}, but ${names}.`);
}

function invalid(message: string): CommissioningError {
  return new CommissioningError('gateway_invalid', message);
}

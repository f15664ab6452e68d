import { ownerOfCertificate } from '../certificates.js';
import { type DeviceDirectory, type DirectoryDevice } from '../directory.js';
import { type FireLine } from './fire-links.js';

/** Whoever has a certificate among his credentials speaks with it, and so not in the clear, even when it has expired. */
export function mayUse(
  { certificate }: FireLine,
  device: DirectoryDevice,
  directory: DeviceDirectory,
  now: number,
): boolean {
  if (!device.credentials.some(({ kind }) => kind === 'certificate')) return true;
  if (certificate === undefined) return false;
  const owner = ownerOfCertificate(certificate, directory, now);
  return owner !== undefined && 'device' in owner && owner.device.deviceId === device.deviceId;
}

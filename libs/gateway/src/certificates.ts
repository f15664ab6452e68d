import { type TLSSocket } from 'node:tls';
import { type DeviceDirectory, type DirectoryCredential, type Holder } from './directory.js';

/** What a client has proved with the private key of its certificate, in the TLS handshake. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, lower-case hexadecimal without colons. */
  readonly fingerprint: string;
  /** `null` where the subject has none, or several. */
  readonly commonName: string | null;
  /** Issued by the client CA, for clients, valid when the handshake was done, by its chain and its dates. */
  readonly trusted: boolean;
  /** Epoch ms; the certificate is valid from and until, both inclusive (RFC 5280 §4.1.2.5). */
  readonly validFrom: number;
  readonly validTo: number;
  /** Where it came in, a password alone opens nothing. */
  readonly required: boolean;
}

/** `undefined` where the client showed none. */
export function clientCertificate(socket: TLSSocket, required: boolean): ClientCertificate | undefined {
  const peer = socket.getPeerCertificate();
  // An empty object where there is none, whatever the type says.
  if (typeof peer.fingerprint256 !== 'string') return undefined;
  const commonName: unknown = peer.subject.CN;
  return {
    fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: typeof commonName === 'string' ? commonName : null,
    trusted: socket.authorized,
    validFrom: Date.parse(peer.valid_from),
    validTo: Date.parse(peer.valid_to),
    required,
  };
}

/** A connection may outlive the handshake, and a pinned certificate has no chain that anybody has checked. */
export function isValidAt({ validFrom, validTo }: ClientCertificate, now: number): boolean {
  return now >= validFrom && now <= validTo;
}

export type CertificateRefusal = 'certificate_revoked' | 'certificate_expired' | 'certificate_unknown';

/** Whose credential it is, or why it opens nothing; `undefined`: it stands for no device and is no hindrance either. */
export function ownerOfCertificate(
  certificate: ClientCertificate,
  directory: DeviceDirectory,
  now: number,
): Holder | { readonly refused: CertificateRefusal } | undefined {
  const { fingerprint, commonName, trusted, required } = certificate;
  if (directory.isCertificateRevoked(fingerprint)) return { refused: 'certificate_revoked' };
  const valid = isValidAt(certificate, now);
  const owner =
    directory.holderOfCertificate(fingerprint) ?? issuedTo(trusted ? commonName : null, directory);
  if (owner !== undefined && isInForce(owner.credential, now)) {
    if (valid) return owner;
    return required ? { refused: 'certificate_expired' } : undefined;
  }
  return required && !(trusted && valid) ? { refused: 'certificate_unknown' } : undefined;
}

export function isInForce({ expiresAt }: DirectoryCredential, now: number): boolean {
  return expiresAt === null || now < expiresAt;
}

function issuedTo(deviceId: string | null, directory: DeviceDirectory): Holder | undefined {
  const device = deviceId === null ? undefined : directory.find(deviceId);
  const credential = device?.credentials.find(
    (each) => each.kind === 'certificate' && each.fingerprint === null,
  );
  return device === undefined || credential === undefined ? undefined : { device, credential };
}

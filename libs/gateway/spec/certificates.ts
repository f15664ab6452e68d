import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
let serial = 0;

/** Certificate and key in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  /** As a device's credential has it. */
  readonly fingerprint: string;
}

/** A CA that lives as long as its test. */
export class Authority {
  private constructor(
    private readonly name: string,
    private readonly certificate: X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(name: string): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: `CN=${name}`,
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    });
    return new Authority(name, certificate, keys);
  }

  get pem(): string {
    return this.certificate.toString('pem');
  }

  server(): Promise<Identity> {
    return this.issue('localhost', ExtendedKeyUsage.serverAuth, validity());
  }

  client(commonName: string, { daysLeft = 1 } = {}): Promise<Identity> {
    return this.issue(commonName, ExtendedKeyUsage.clientAuth, validity(daysLeft));
  }

  private async issue(
    commonName: string,
    usage: string,
    dates: ReturnType<typeof validity>,
  ): Promise<Identity> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...dates,
      subject: `CN=${commonName}`,
      issuer: `CN=${this.name}`,
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false),
        new ExtendedKeyUsageExtension([usage]),
        new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      ],
    });
    return identity(certificate, keys);
  }
}

/** Issued by nobody but its device. */
export async function selfSigned(commonName: string): Promise<Identity> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: `CN=${commonName}`,
    signingAlgorithm: ALGORITHM,
    keys,
  });
  return identity(certificate, keys);
}

function validity(daysLeft = 1): { notBefore: Date; notAfter: Date; serialNumber: string } {
  const notAfter = new Date(Date.now() + daysLeft * DAY_MS);
  return { notBefore: new Date(Date.now() - 7 * DAY_MS), notAfter, serialNumber: `0${++serial}` };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function identity(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<Identity> {
  return {
    cert: certificate.toString('pem'),
    key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    fingerprint: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
  };
}

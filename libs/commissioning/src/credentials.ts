import { type CredentialKind, type IssuedCredential } from '@watchfire/contracts';
import { type DeviceCredentialRow, type Revocation } from '@watchfire/registry';
import { CommissioningError } from './errors.js';
import { type InService } from './in-service.js';
import { issue, kindOfDialect } from './issue.js';

export interface CredentialRequest {
  /** Default: as the dialect of the device expects. */
  readonly kind?: CredentialKind;
  readonly label?: string;
  /** Of a certificate; without it, any that the client CA has issued to the device id. */
  readonly fingerprint?: string;
  /** Rotation: the others of the device end after so many ms, at once for 0. Without it they stay. */
  readonly overlapMs?: number;
}

const MOST_IN_FORCE = 20;

/** How devices sign in: issued, rotated, revoked. What changes here acts on live connections before the call returns. */
export class DeviceCredentials {
  readonly #inService: InService;
  /** Sign-ins that are not written down yet, the last of each credential. */
  readonly #uses = new Map<string, { readonly at: number; readonly address: string }>();

  constructor(inService: InService) {
    this.#inService = inService;
  }

  /**
   * @throws CommissioningError `device_unknown`, `too_many_credentials`; RegistryError `conflict` for a certificate that is
   * known already, to this device or another, revoked or not.
   */
  issue(deviceId: string, request: CredentialRequest, by: string): Promise<IssuedCredential> {
    return this.#inService.inTurn(async () => {
      const { registry, clock } = this.#inService.deps;
      const context = await this.#inService.context(deviceId);
      const present = await registry.credentials.forDevice(deviceId);
      if (present.filter(({ revokedAt }) => revokedAt === null).length >= MOST_IN_FORCE) {
        throw new CommissioningError(
          'too_many_credentials',
          `Device ${deviceId} has ${MOST_IN_FORCE} credentials in force: revoke some first.`,
        );
      }
      const { kind = kindOfDialect(context.device.dialect), label, fingerprint, overlapMs } = request;
      const { stored, shown } = issue({ kind, deviceId, label, fingerprint, by });
      const ends = { by, reason: 'rotated', endsAt: clock.now() + (overlapMs ?? 0) };
      await registry.credentials.create(deviceId, stored, overlapMs === undefined ? undefined : ends);
      await this.#inService.admit(context);
      return shown;
    });
  }

  /** Revoked ones too, oldest first. @throws CommissioningError `device_unknown`. */
  async list(deviceId: string): Promise<DeviceCredentialRow[]> {
    await this.#inService.context(deviceId);
    const rows = await this.#inService.deps.registry.credentials.forDevice(deviceId);
    return rows.map((row) => {
      const use = this.#uses.get(row.id);
      return use === undefined ? row : { ...row, lastUsedAt: use.at, lastUsedFrom: use.address };
    });
  }

  /** @throws CommissioningError `device_unknown`, `credential_unknown`. */
  revoke(deviceId: string, credentialId: string, revocation: Revocation): Promise<DeviceCredentialRow> {
    return this.#inService.inTurn(async () => {
      const { credentials } = this.#inService.deps.registry;
      const context = await this.#inService.context(deviceId);
      const present = await credentials.forDevice(deviceId);
      if (!present.some(({ id }) => id === credentialId)) {
        throw new CommissioningError('credential_unknown', `Device ${deviceId} has no such credential.`);
      }
      const revoked = await credentials.revoke(deviceId, credentialId, revocation);
      await this.#inService.admit(context);
      return revoked;
    });
  }

  /**
   * Shuts out one certificate, whether it is the device's own or was issued to it by the client CA.
   *
   * @throws CommissioningError `device_unknown`; RegistryError `conflict` where it is another device's own.
   */
  revokeCertificate(
    deviceId: string,
    fingerprint: string,
    revocation: Revocation,
  ): Promise<DeviceCredentialRow> {
    return this.#inService.inTurn(async () => {
      const { credentials } = this.#inService.deps.registry;
      const context = await this.#inService.context(deviceId);
      const present = await credentials.forDevice(deviceId);
      const known = present.find(({ kind, lookup }) => kind === 'certificate' && lookup === fingerprint);
      const { stored } = issue({ kind: 'certificate', deviceId, fingerprint, by: revocation.by });
      const { id } = known ?? (await credentials.create(deviceId, stored));
      const revoked = await credentials.revoke(deviceId, id, revocation);
      await this.#inService.admit(context);
      return revoked;
    });
  }

  /** A device has signed in. Written down with the next `flush`. */
  used(credentialId: string, address: string): void {
    this.#uses.set(credentialId, { at: this.#inService.deps.clock.now(), address });
  }

  wasUsed(credentialId: string): boolean {
    return this.#uses.has(credentialId);
  }

  async flush(): Promise<void> {
    const uses = [...this.#uses].map(([id, use]) => ({ id, ...use }));
    if (uses.length === 0) return;
    await this.#inService.deps.registry.credentials.used(uses);
    for (const { id, at } of uses) if (this.#uses.get(id)?.at === at) this.#uses.delete(id);
  }

  /** Takes those whose overlap has ended out of force. */
  async endOverlaps(): Promise<void> {
    await this.#inService.inTurn(async () => {
      for (const deviceId of await this.#inService.deps.registry.credentials.revokeExpired()) {
        await this.#inService.admit(await this.#inService.context(deviceId));
      }
    });
  }
}

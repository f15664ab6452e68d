import {
  CREDENTIAL_KINDS,
  type CredentialKind,
  type IssuedCredential,
  provisioningRequest,
} from '@watchfire/contracts';
import { FailureBudget } from '@watchfire/gateway';
import { type ClaimRow, newId, RegistryError } from '@watchfire/registry';
import { claimCodeHash, newClaimCode } from './claim-code.js';
import { type DeviceCredentials } from './credentials.js';
import { CommissioningError, TooManyAttemptsError } from './errors.js';
import { type InService } from './in-service.js';
import { issue, kindOfDialect } from './issue.js';

export interface NewClaims {
  readonly siteId: string;
  readonly profile: string;
  readonly dialect: string;
  readonly name?: string;
  readonly count: number;
  /** Epoch ms. */
  readonly expiresAt: number;
}

export interface ProvisioningRequest {
  readonly claimCode: string;
  readonly deviceName?: string;
  readonly deviceId?: string;
}

export interface Provisioned {
  readonly deviceId: string;
  readonly credential: IssuedCredential;
}

/** The answer on `/provision/response`, as ThingsBoard's code has it. */
export type ThingsBoardProvisionResponse =
  | {
      readonly status: 'SUCCESS';
      readonly credentialsType: 'ACCESS_TOKEN';
      readonly credentialsValue: string;
    }
  | {
      readonly status: 'SUCCESS';
      readonly credentialsType: 'MQTT_BASIC';
      readonly credentialsValue: {
        readonly clientId: string;
        readonly userName: string;
        readonly password: string;
      };
    }
  | { readonly status: 'NOT_FOUND' | 'FAILURE'; readonly errorMsg: string };

/** How long an answer that was lost may be asked for again. */
const REISSUE_MS = 300_000;
const LONGEST_CLAIM_MS = 366 * 86_400_000;

/** Devices that register themselves with a code that an administrator has given out. */
export class Provisioning {
  readonly #inService: InService;
  readonly #credentials: DeviceCredentials;
  readonly #failures: FailureBudget;
  /** Since the start. */
  readonly counts = { provisioned: 0, reissued: 0, refused: 0, lockedOut: 0 };

  constructor(inService: InService, credentials: DeviceCredentials) {
    this.#inService = inService;
    this.#credentials = credentials;
    const { clock, provisioning } = inService.deps;
    const { wrongCodesPerMinute } = provisioning;
    this.#failures = new FailureBudget(wrongCodesPerMinute, wrongCodesPerMinute, () => clock.monotonicMs());
  }

  /**
   * Codes for so many devices; the codes are known now and never again.
   *
   * @throws CommissioningError `profile_unknown`, `claim_invalid`; RegistryError `not_found` for an unknown site.
   */
  async createClaims(
    { count, ...claim }: NewClaims,
    by: string,
  ): Promise<{ readonly claim: ClaimRow; readonly code: string }[]> {
    const { registry, clock } = this.#inService.deps;
    this.#inService.profile(claim.profile);
    const now = clock.now();
    if (claim.expiresAt <= now || claim.expiresAt > now + LONGEST_CLAIM_MS) {
      throw new CommissioningError('claim_invalid', 'expiresAt must be in the future, within a year.');
    }
    const codes = Array.from({ length: count }, () => newClaimCode());
    const rows = await registry.claims.create(
      codes.map((code) => ({ ...claim, name: claim.name ?? null, codeHash: claimCodeHash(code), by })),
    );
    return rows.flatMap((row, n) => {
      const code = codes[n];
      return code === undefined ? [] : [{ claim: row, code }];
    });
  }

  /**
   * The device of a code and its credential. Asked again in the same words within five minutes and before its first sign-in,
   * the device gets another credential: the answer was lost.
   *
   * @throws CommissioningError `claim_refused` for a code that is unknown, used, cancelled or too old, all in the same words;
   * `provisioning_off`; TooManyAttemptsError; RegistryError `conflict` where the device id is taken.
   */
  provision(request: ProvisioningRequest, address: string): Promise<Provisioned> {
    return this.#provision(request, address, CREDENTIAL_KINDS);
  }

  async #provision(
    request: ProvisioningRequest,
    address: string,
    kinds: readonly CredentialKind[],
  ): Promise<Provisioned> {
    if (!this.#inService.deps.provisioning.enabled) {
      throw new CommissioningError('provisioning_off', 'Devices do not register themselves here.');
    }
    return this.#inService.inTurn(async () => {
      const debtMs = this.#failures.debt(address);
      if (debtMs > 0) {
        this.counts.lockedOut++;
        throw new TooManyAttemptsError(debtMs);
      }
      try {
        return await this.#redeem(request, address, kinds);
      } catch (error) {
        // A device id that is taken is counted too: nobody may try which devices there are.
        if (error instanceof CommissioningError || isTaken(error)) {
          this.counts.refused++;
          this.#failures.fail(address);
        }
        throw error;
      }
    });
  }

  /** The same for a device that speaks ThingsBoard: the code is its `provisionDeviceKey`. Never throws for what it was sent. */
  async provisionThingsBoard(document: unknown, address: string): Promise<ThingsBoardProvisionResponse> {
    const { provisionDeviceKey, deviceName } = (document ?? {}) as Readonly<Record<string, unknown>>;
    const request = provisioningRequest.safeParse({ claimCode: provisionDeviceKey, deviceName });
    if (!request.success)
      return { status: 'FAILURE', errorMsg: 'provisionDeviceKey or deviceName is unusable' };
    const { claimCode, deviceName: name } = request.data;
    try {
      const asked = name === undefined ? { claimCode } : { claimCode, deviceName: name };
      return inThingsBoard(await this.#provision(asked, address, ['token', 'password']));
    } catch (error) {
      if (error instanceof CommissioningError && error.code === 'claim_refused') {
        return { status: 'NOT_FOUND', errorMsg: error.message };
      }
      if (error instanceof CommissioningError) return { status: 'FAILURE', errorMsg: error.message };
      throw error;
    }
  }

  async #redeem(
    request: ProvisioningRequest,
    address: string,
    kinds: readonly CredentialKind[],
  ): Promise<Provisioned> {
    const { registry, clock } = this.#inService.deps;
    const claim = await registry.claims.findByCode(claimCodeHash(request.claimCode));
    const asked = JSON.stringify([request.deviceId ?? null, request.deviceName ?? null]);
    if (claim !== undefined && claim.redeemedAt !== null) return this.#reissue(claim, asked, address);
    if (claim === undefined || claim.cancelledAt !== null || clock.now() >= claim.expiresAt) throw refused();
    const profile = this.#inService.profile(claim.profile);
    const kind = kindOfDialect(claim.dialect);
    if (!kinds.includes(kind)) {
      throw new CommissioningError(
        'claim_invalid',
        `The code is for a device of the dialect ${claim.dialect}.`,
      );
    }
    const by = `claim ${claim.id}`;
    const id = request.deviceId ?? newId('dev');
    const { stored, shown } = issue({ kind, deviceId: id, by });
    const name = claim.name ?? request.deviceName ?? request.deviceId ?? profile.name.zh;
    const { siteId, dialect } = claim;
    const device = { id, siteId, profile: profile.key, name, dialect };
    await registry.claims.redeem(claim.id, asked, device, stored);
    await this.#inService.put(await this.#inService.context(id));
    await registry.audit.append({ actor: by, action: 'device-provisioned', subject: id, address });
    this.counts.provisioned++;
    return { deviceId: id, credential: shown };
  }

  async #reissue(claim: ClaimRow, asked: string, address: string): Promise<Provisioned> {
    const { registry, clock } = this.#inService.deps;
    const { id, deviceId, credentialId, redeemedAt } = claim;
    if (deviceId === null || redeemedAt === null || claim.asked !== asked) throw refused();
    const present = await registry.credentials.forDevice(deviceId);
    const first = present.find((each) => each.id === credentialId);
    const untouched = first?.revokedAt === null && first.lastUsedAt === null;
    if (!untouched || this.#credentials.wasUsed(first.id) || clock.now() > redeemedAt + REISSUE_MS) {
      throw refused();
    }
    const by = `claim ${id}`;
    const { stored, shown } = issue({ kind: first.kind, deviceId, by });
    await registry.claims.reissue(id, deviceId, stored);
    await this.#inService.put(await this.#inService.context(deviceId));
    await registry.audit.append({
      actor: by,
      action: 'device-provisioned-again',
      subject: deviceId,
      address,
    });
    this.counts.reissued++;
    return { deviceId, credential: shown };
  }
}

const isTaken = (error: unknown): boolean => error instanceof RegistryError && error.code === 'conflict';

function refused(): CommissioningError {
  return new CommissioningError('claim_refused', 'The code is unknown, used or no longer valid.');
}

function inThingsBoard({ deviceId, credential }: Provisioned): ThingsBoardProvisionResponse {
  const { kind, username, password } = credential;
  if (kind === 'token') {
    return { status: 'SUCCESS', credentialsType: 'ACCESS_TOKEN', credentialsValue: username };
  }
  if (kind === 'password') {
    const credentialsValue = { clientId: deviceId, userName: username, password };
    return { status: 'SUCCESS', credentialsType: 'MQTT_BASIC', credentialsValue };
  }
  return { status: 'FAILURE', errorMsg: `A ${kind} credential has no form in this dialect.` };
}

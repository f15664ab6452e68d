import { type CredentialKind, type DeviceMember, type IssuedCredential } from '@watchfire/contracts';
import {
  type DeviceChange,
  type DeviceContext,
  type EnterpriseRow,
  newId,
  type SiteRow,
} from '@watchfire/registry';
import { DeviceCredentials } from './credentials.js';
import { checkDialect, checkGateway, checkKeys } from './device-input.js';
import { CommissioningError } from './errors.js';
import { type CommissioningDependencies, InService } from './in-service.js';
import { issue, kindOfDialect } from './issue.js';
import { bringInLine, grouped } from './line.js';
import { checkMembers } from './members.js';
import { Provisioning } from './provisioning.js';
import { CatalogueDesk } from './catalogue-desk.js';
import { RuleDesk } from './rule-desk.js';

export interface NewEnterprise {
  readonly id?: string;
  readonly name: string;
}

export interface NewSite {
  readonly id?: string;
  readonly enterpriseId: string;
  readonly name: string;
  readonly kind?: string;
  readonly gridCode?: string;
  readonly location?: { readonly longitude: number; readonly latitude: number };
}

export interface NewDevice {
  readonly siteId: string;
  readonly profile: string;
  readonly name: string;
  readonly deviceId?: string;
  readonly address?: string;
  readonly dialect?: string;
  /** The device behind which it is, and what that one calls it. */
  readonly gatewayId?: string;
  readonly wireName?: string;
  /** Point key by the name that the device uses on the wire. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Points of other devices of the site; of a profile of logic. */
  readonly members?: readonly DeviceMember[];
  /** Default: by the dialect; none behind a gateway, for a device of logic, or for one that is known by a wire address. */
  readonly credential?: CredentialKind | 'none';
  /** Of its certificate. */
  readonly fingerprint?: string;
}

/** What a person says of something in quarantine. */
export interface Registration {
  readonly profile: string;
  readonly name: string;
  /** Default: the site of its gateway. */
  readonly siteId?: string;
  readonly deviceId?: string;
  readonly dialect?: string;
  readonly keys?: Readonly<Record<string, string>>;
}

export interface CommissionedDevice {
  readonly context: DeviceContext;
  /** The only time that it is known; `null` for a device that only its gateway speaks for. */
  readonly credential: IssuedCredential | null;
}

const SWEEP_MS = 5_000;

/**
 * Brings enterprises, sites, devices and their rules into service: registry first, then the journal (what the engine
 * evaluates), then the directory (who may connect). A crash in between is healed by `reconcile` at the next start.
 */
export class Commissioning {
  readonly credentials: DeviceCredentials;
  readonly provisioning: Provisioning;
  readonly rules: RuleDesk;
  readonly catalogue: CatalogueDesk;
  readonly #deps: CommissioningDependencies;
  readonly #inService: InService;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: CommissioningDependencies) {
    this.#deps = deps;
    this.#inService = new InService(deps);
    this.credentials = new DeviceCredentials(this.#inService);
    this.provisioning = new Provisioning(this.#inService, this.credentials);
    this.rules = new RuleDesk(this.#inService);
    this.catalogue = new CatalogueDesk(this.#inService);
  }

  /** From now on, overlaps of credentials end by themselves and sign-ins are written down. */
  start(failed: (error: unknown) => void): void {
    this.#timer = setInterval(() => void this.sweep().catch(failed), SWEEP_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.credentials.flush();
  }

  async sweep(): Promise<void> {
    await this.credentials.endOverlaps();
    await this.credentials.flush();
  }

  createEnterprise({ id, name }: NewEnterprise): Promise<EnterpriseRow> {
    return this.#deps.registry.enterprises.create({ name, ...(id === undefined ? {} : { id }) });
  }

  createSite({ id, enterpriseId, name, kind, gridCode, location }: NewSite): Promise<SiteRow> {
    return this.#deps.registry.sites.create({
      ...(id === undefined ? {} : { id }),
      enterpriseId,
      name,
      kind: kind ?? null,
      gridCode: gridCode ?? null,
      longitude: location?.longitude ?? null,
      latitude: location?.latitude ?? null,
    });
  }

  /**
   * @throws CommissioningError `profile_unknown`, `dialect_unknown`, `gateway_invalid`, `keys_invalid`, `members_invalid`; RegistryError for an
   * unknown site or a device id, address, name behind the gateway or certificate that is taken.
   */
  createDevice(input: NewDevice, by = 'system'): Promise<CommissionedDevice> {
    return this.#inService.inTurn(() => this.#create(input, by));
  }

  /** @throws as `createDevice`, and CommissioningError `device_unknown`. */
  changeDevice(deviceId: string, change: DeviceChange): Promise<DeviceContext> {
    return this.#inService.inTurn(async () => {
      const { registry } = this.#deps;
      const { device, enterprise } = await this.#inService.context(deviceId);
      const gatewayId = change.gatewayId === undefined ? device.gatewayId : change.gatewayId;
      // A name behind one gateway means nothing behind another, and nothing at all behind none.
      const kept = gatewayId === device.gatewayId ? device.wireName : null;
      const wireName = change.wireName === undefined ? kept : change.wireName;
      if (gatewayId !== device.gatewayId || wireName !== device.wireName) {
        await checkGateway(registry, { deviceId, enterpriseId: enterprise.id, gatewayId, wireName });
      }
      const profile = this.#inService.profile(device.profile);
      if (change.keys !== undefined) checkKeys(profile, change.keys);
      if (change.members !== undefined) {
        const { siteId } = device;
        await checkMembers(registry, this.#deps.catalogue, { siteId, profile, members: change.members });
      }
      await registry.devices.change(deviceId, { ...change, gatewayId, wireName });
      const context = await this.#inService.context(deviceId);
      await this.#inService.put(context);
      return context;
    });
  }

  /**
   * Makes a device of something in quarantine, under the name by which it was heard.
   *
   * @throws as `createDevice`, and CommissioningError `quarantine_unknown`.
   */
  register(quarantineId: string, registration: Registration, by: string): Promise<CommissionedDevice> {
    return this.#inService.inTurn(async () => {
      const { registry } = this.#deps;
      const row = await registry.quarantine.find(quarantineId);
      if (row === undefined) {
        throw new CommissioningError('quarantine_unknown', 'It is not in quarantine, or no longer.');
      }
      const { gatewayId, wireName } = row;
      const gateway = gatewayId === null ? undefined : await registry.devices.context(gatewayId);
      const siteId = registration.siteId ?? gateway?.site.id;
      if (siteId === undefined) {
        throw new CommissioningError('gateway_invalid', 'No gateway says where it is: siteId is needed.');
      }
      const found = gatewayId === null ? { address: wireName } : { gatewayId, wireName };
      return this.#create({ ...registration, siteId, ...found }, by);
    });
  }

  /**
   * Makes the directory and the engine's configuration what the registry and the catalogue say; returns how many devices
   * had to change. Run at every start, before devices may connect.
   */
  async reconcile(): Promise<number> {
    const { registry, engine, journal, directory } = this.#deps;
    await registry.credentials.revokeExpired();
    await this.catalogue.settle();
    const credentials = grouped(await registry.credentials.all(), ({ deviceId }) => deviceId);
    const known = new Set<string>();
    const devices = await registry.devices.all();
    for (const { device } of devices) {
      known.add(device.id);
      directory.upsert(this.#inService.entry(device, credentials.get(device.id) ?? []));
    }
    const changed = await bringInLine(this.#inService, devices);
    const gone = [...engine.deviceIds()].filter((deviceId) => !known.has(deviceId));
    await Promise.all(gone.map((deviceId) => journal.append({ kind: 'remove', deviceId, actor: 'system' })));
    return changed + gone.length;
  }

  async #create(input: NewDevice, by: string): Promise<CommissionedDevice> {
    const { registry } = this.#deps;
    const { deviceId: id = newId('dev'), credential, fingerprint, ...device } = input;
    const profile = this.#inService.profile(input.profile);
    checkDialect(input, this.#deps.fireDialects);
    const site = await registry.sites.find(input.siteId);
    await checkGateway(registry, {
      deviceId: undefined,
      enterpriseId: site?.enterpriseId,
      gatewayId: input.gatewayId ?? null,
      wireName: input.wireName ?? null,
    });
    checkKeys(profile, input.keys ?? {});
    const { siteId, members = [] } = input;
    await checkMembers(registry, this.#deps.catalogue, { siteId, profile, members });
    const own = profile.logic ? 'none' : credential;
    const signsIn = input.gatewayId === undefined && input.address === undefined;
    const kind = own ?? (signsIn ? kindOfDialect(input.dialect ?? '') : 'none');
    const issued = kind === 'none' ? undefined : issue({ kind, deviceId: id, fingerprint, by });
    await registry.devices.create({ ...device, id }, issued?.stored);
    const context = await this.#inService.context(id);
    await this.#inService.put(context);
    return { context, credential: issued?.shown ?? null };
  }
}

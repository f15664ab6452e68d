import {
  type Catalogue,
  deviceConfiguration,
  overrideProblems,
  type Profile,
  ruleViews,
} from '@watchfire/catalogue';
import { type RuleView } from '@watchfire/contracts';
import { type EngineHost } from '@watchfire/engine';
import { type DeviceDirectory, directoryDevice } from '@watchfire/gateway';
import { type Journal } from '@watchfire/journal';
import {
  type DeviceContext,
  type EnterpriseRow,
  newDeviceCredential,
  type Registry,
  type RuleOverrideRow,
  type SiteRow,
} from '@watchfire/registry';
import { CommissioningError, RuleOverrideError } from './errors.js';

export interface CommissioningDependencies {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly journal: Journal;
  readonly directory: DeviceDirectory;
  readonly engine: EngineHost;
}

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
}

export type RuleOverrideBody = RuleOverrideRow['body'];

export interface CommissionedDevice {
  readonly context: DeviceContext;
  /** The only time that the password is known. */
  readonly credential: { readonly username: string; readonly password: string };
}

/**
 * Brings enterprises, sites, devices and their rules into service: registry first, then the journal (what the engine
 * evaluates), then the directory (who may connect). A crash in between is healed by `reconcile` at the next start.
 */
export class Commissioning {
  readonly #deps: CommissioningDependencies;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: CommissioningDependencies) {
    this.#deps = deps;
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

  /** @throws CommissioningError `profile_unknown`; RegistryError for an unknown site or a device id that is taken. */
  createDevice(input: NewDevice): Promise<CommissionedDevice> {
    return this.#inTurn(async () => {
      const { registry } = this.#deps;
      this.#profile(input.profile);
      const { password, hash } = newDeviceCredential();
      const device = await registry.devices.create({
        ...(input.deviceId === undefined ? {} : { id: input.deviceId }),
        siteId: input.siteId,
        profile: input.profile,
        name: input.name,
        ...(input.address === undefined ? {} : { address: input.address }),
        ...(input.dialect === undefined ? {} : { dialect: input.dialect }),
        credentialHash: hash,
      });
      const context = await this.#context(device.id);
      await this.#putIntoService(context);
      return { context, credential: { username: device.id, password } };
    });
  }

  /** A new password; the old one is refused from now on. The caller ends live connections. */
  rotateCredential(deviceId: string): Promise<CommissionedDevice['credential']> {
    return this.#inTurn(async () => {
      const { password, hash } = newDeviceCredential();
      await this.#deps.registry.devices.setCredential(deviceId, hash);
      this.#admit(await this.#context(deviceId));
      return { username: deviceId, password };
    });
  }

  /** @throws CommissioningError `rule_unknown`; RuleOverrideError where the override does not fit the rule. */
  overrideRule(
    deviceId: string,
    ruleKey: string,
    body: RuleOverrideBody,
    change: { readonly by: string; readonly reason: string },
  ): Promise<RuleView> {
    return this.#inTurn(async () => {
      const { registry } = this.#deps;
      const context = await this.#context(deviceId);
      const profile = this.#profile(context.device.profile);
      const present = await registry.rules.forDevice(deviceId);
      const others = present.filter((override) => override.ruleKey !== ruleKey);
      if (!profile.rules.some(({ key }) => key === ruleKey)) {
        throw new CommissioningError('rule_unknown', `Device ${deviceId} has no rule ${ruleKey}.`);
      }
      const problems = overrideProblems(profile, ruleKey, body);
      if (problems.length > 0) throw new RuleOverrideError(ruleKey, problems);
      const stored = await registry.rules.put({ deviceId, ruleKey, body, ...change });
      const overrides = [...others, stored];
      await this.#configure(context, profile, overrides);
      const view = ruleViews(context, profile, overrides).find(({ key }) => key === ruleKey);
      if (view === undefined) throw new Error(`rule ${ruleKey} vanished from profile ${profile.key}`);
      return view;
    });
  }

  async rules(deviceId: string): Promise<readonly RuleView[]> {
    const context = await this.#context(deviceId);
    const overrides = await this.#deps.registry.rules.forDevice(deviceId);
    return ruleViews(context, this.#profile(context.device.profile), overrides);
  }

  /**
   * Makes the directory and the engine's configuration what the registry and the catalogue say; returns how many devices
   * had to change. Run at every start, before devices may connect.
   */
  async reconcile(): Promise<number> {
    const { registry, engine, journal } = this.#deps;
    const overrides = new Map<string, RuleOverrideRow[]>();
    for (const override of await registry.rules.all()) {
      const ofDevice = overrides.get(override.deviceId);
      if (ofDevice === undefined) overrides.set(override.deviceId, [override]);
      else ofDevice.push(override);
    }
    const known = new Set<string>();
    const pending: Promise<unknown>[] = [];
    for (const context of await registry.devices.all()) {
      const { id, profile: key } = context.device;
      known.add(id);
      const profile = this.#profile(key);
      this.#admit(context);
      const wanted = deviceConfiguration(context, profile, overrides.get(id) ?? []);
      if (JSON.stringify(wanted) === JSON.stringify(engine.configuration(id))) continue;
      pending.push(journal.append({ kind: 'configure', device: wanted }));
    }
    for (const deviceId of engine.deviceIds()) {
      if (!known.has(deviceId)) pending.push(journal.append({ kind: 'remove', deviceId, actor: 'system' }));
    }
    await Promise.all(pending);
    return pending.length;
  }

  async #putIntoService(context: DeviceContext): Promise<void> {
    await this.#configure(context, this.#profile(context.device.profile), []);
    this.#admit(context);
  }

  async #configure(
    context: DeviceContext,
    profile: Profile,
    overrides: readonly RuleOverrideRow[],
  ): Promise<void> {
    const device = deviceConfiguration(context, profile, [...overrides]);
    await this.#deps.journal.append({ kind: 'configure', device });
  }

  #admit(context: DeviceContext): void {
    this.#deps.directory.upsert(directoryDevice(context.device, this.#profile(context.device.profile)));
  }

  async #context(deviceId: string): Promise<DeviceContext> {
    const context = await this.#deps.registry.devices.context(deviceId);
    if (context === undefined) {
      throw new CommissioningError('device_unknown', `There is no device ${deviceId}.`);
    }
    return context;
  }

  #profile(key: string): Profile {
    const profile = this.#deps.catalogue.profile(key);
    if (profile !== undefined) return profile;
    const known = this.#deps.catalogue.profiles().map((each) => each.key);
    throw new CommissioningError(
      'profile_unknown',
      `There is no profile ${key}; there are ${known.join(', ')}.`,
    );
  }

  /** One change at a time: two overrides of one device must not each compute from the state before the other. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

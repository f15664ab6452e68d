import { resolve } from 'node:path';
import { Catalogue } from '@watchfire/catalogue';
import { type EngineHost } from '@watchfire/engine';
import { DeviceDirectory } from '@watchfire/gateway';
import { type Journal, type JournalRecord } from '@watchfire/journal';
import { type Registry } from '@watchfire/registry';
import { Commissioning } from '../src/commissioning.js';
import { DEFAULT_PROVISIONING, type ProvisioningSettings } from '../src/in-service.js';

/** What a spec brings with it. */
export interface Store {
  readonly registry: Registry;
  readonly clock: { readonly now: () => number };
  remove(): Promise<void>;
}

/** Commissioning over a real registry and catalogue; the journal only remembers, and no engine evaluates. */
export class Workshop<S extends Store> {
  readonly directory = new DeviceDirectory();
  readonly records: JournalRecord[] = [];
  readonly commissioning: Commissioning;

  private constructor(
    readonly store: S,
    catalogue: Catalogue,
    provisioning: ProvisioningSettings,
  ) {
    const append = (record: JournalRecord): Promise<unknown> => Promise.resolve(this.records.push(record));
    this.commissioning = new Commissioning({
      registry: store.registry,
      catalogue,
      journal: { append } as unknown as Journal,
      engine: { configuration: () => undefined, deviceIds: () => [] } as unknown as EngineHost,
      directory: this.directory,
      clock: { now: store.clock.now, monotonicMs: store.clock.now },
      provisioning,
    });
  }

  /** Two enterprises, `a` and `b`, each with a site. */
  static async open<S extends Store>(
    store: S,
    provisioning: Partial<ProvisioningSettings> = {},
  ): Promise<Workshop<S>> {
    const catalogue = await Catalogue.load(resolve('config/catalogue'));
    const workshop = new Workshop(store, catalogue, { ...DEFAULT_PROVISIONING, ...provisioning });
    for (const key of ['a', 'b']) {
      await workshop.commissioning.createEnterprise({ id: `ent-${key}`, name: key });
      await workshop.commissioning.createSite({ id: `site-${key}`, enterpriseId: `ent-${key}`, name: key });
    }
    return workshop;
  }

  configured(): string[] {
    return this.records.flatMap((record) => (record.kind === 'configure' ? [record.device.deviceId] : []));
  }

  close(): Promise<void> {
    return this.store.remove();
  }
}

import { resolve } from 'node:path';
import { AlarmEngine, type Transition } from '@watchfire/alarm';
import { Catalogue } from '@watchfire/catalogue';
import { engineInput, type EngineHost } from '@watchfire/engine';
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

/** Commissioning over a real registry, catalogue and alarm engine; the journal only remembers what the engine is given. */
export class Workshop<S extends Store> {
  readonly directory = new DeviceDirectory();
  readonly records: JournalRecord[] = [];
  readonly transitions: Transition[] = [];
  readonly engine = AlarmEngine.create();
  readonly #times: number[] = [];
  readonly commissioning: Commissioning;
  /** As a journal that fails, or a server that is killed before it writes. */
  broken = false;

  private constructor(
    readonly store: S,
    readonly catalogue: Catalogue,
    provisioning: ProvisioningSettings,
  ) {
    const append = (record: JournalRecord): Promise<unknown> =>
      this.broken ? Promise.reject(new Error('killed')) : Promise.resolve(this.apply(record));
    this.commissioning = new Commissioning({
      registry: store.registry,
      catalogue,
      journal: { append } as unknown as Journal,
      engine: {
        configuration: (deviceId: string) => this.engine.device(deviceId),
        deviceIds: () => this.engine.deviceIds(),
      } as unknown as EngineHost,
      directory: this.directory,
      clock: { now: store.clock.now, monotonicMs: store.clock.now },
      provisioning,
      fireDialects: new Set(['standard', 'dahua']),
    });
  }

  /** Two enterprises, `a` and `b`, each with a site. */
  static async open<S extends Store>(
    store: S,
    provisioning: Partial<ProvisioningSettings> = {},
    folder = resolve('config/catalogue'),
  ): Promise<Workshop<S>> {
    const catalogue = await Catalogue.load(folder);
    const workshop = new Workshop(store, catalogue, { ...DEFAULT_PROVISIONING, ...provisioning });
    await workshop.commissioning.reconcile();
    for (const key of ['a', 'b']) {
      await workshop.commissioning.createEnterprise({ id: `ent-${key}`, name: key });
      await workshop.commissioning.createSite({ id: `site-${key}`, enterpriseId: `ent-${key}`, name: key });
    }
    return workshop;
  }

  apply(record: JournalRecord): void {
    const at = this.store.clock.now();
    this.records.push(record);
    this.#times.push(at);
    const input = engineInput(record);
    if (input === undefined) return;
    const outcome = this.engine.apply({ offset: this.records.length, at, input });
    this.transitions.push(...outcome.transitions);
  }

  /** Another engine that is given the same journal. */
  replay(): AlarmEngine {
    const engine = AlarmEngine.create();
    this.records.forEach((record, index) => {
      const input = engineInput(record);
      const at = this.#times[index] ?? 0;
      if (input !== undefined) engine.apply({ offset: index + 1, at, input });
    });
    return engine;
  }

  configured(): string[] {
    return this.records.flatMap((record) => (record.kind === 'configure' ? [record.device.deviceId] : []));
  }

  close(): Promise<void> {
    return this.store.remove();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Registry, type DeviceContext } from '@watchfire/registry';
import { ManualClock } from './manual-clock.js';

/** A real registry in a folder of its own, with a clock that only moves when it is told to. */
export class TemporaryRegistry {
  private constructor(
    readonly directory: string,
    readonly clock: ManualClock,
    private current: Registry,
  ) {}

  static async open(): Promise<TemporaryRegistry> {
    const directory = await mkdtemp(path.join(tmpdir(), 'watchfire-registry-'));
    const clock = new ManualClock();
    return new TemporaryRegistry(directory, clock, await Registry.open({ directory, now: clock.now }));
  }

  get registry(): Registry {
    return this.current;
  }

  /** Closes the file and opens it again: what is not on disk is gone. */
  async reopen(): Promise<Registry> {
    await this.current.close();
    this.current = await Registry.open({ directory: this.directory, now: this.clock.now });
    return this.current;
  }

  async remove(): Promise<void> {
    await this.current.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** An enterprise `ent-{key}` with a site `site-{key}` and one device of the profile on it. */
  async device(id: string, profile: string, key = 'a'): Promise<DeviceContext> {
    const { enterprises, sites, devices } = this.current;
    if (!(await enterprises.find(`ent-${key}`)))
      await enterprises.create({ id: `ent-${key}`, name: `企业 ${key}` });
    if (!(await sites.find(`site-${key}`))) {
      await sites.create({ id: `site-${key}`, enterpriseId: `ent-${key}`, name: `场所 ${key}` });
    }
    await devices.create({ id, siteId: `site-${key}`, profile, name: `设备 ${id}` });
    const context = await devices.context(id);
    if (context === undefined) throw new Error(`device ${id} was not created`);
    return context;
  }
}

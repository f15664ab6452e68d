import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { readingsIn } from '../support/journal-count.js';
import { Preload } from '../support/preload.js';
import { temporaryFolder } from '../support/server-process.js';
import { defectsIn, metric, notReadyBecause } from '../support/server-state.js';
import { StubbornDevice } from '../support/stubborn-device.js';
import { endWorker, INSPECTABLE } from './support/node-inspector.js';

const DEVICES = 4;
const READINGS = 4_000;

const shim = Preload.of('failing-disk.c');
const onShim = shim.library === undefined ? it.skip : it;
afterAll(() => shim.remove());

/** Devices that bring their readings across in about ten seconds, and a disk that the test can break. */
class Scene {
  readonly devices: StubbornDevice[] = [];
  readonly base = Date.now() - 3_600_000;

  private constructor(
    readonly centre: Centre,
    readonly flag: string,
    private readonly remove: () => Promise<void>,
  ) {}

  static async begin(environment: (data: string, flag: string) => Record<string, string>): Promise<Scene> {
    const folder = await temporaryFolder();
    const data = join(folder.path, 'data');
    const flag = join(folder.path, 'broken');
    const centre = await Centre.start({ data, env: environment(data, flag) });
    const scene = new Scene(centre, flag, folder.remove);
    const api = await centre.signIn();
    const { siteId } = await api.createSite();
    for (let n = 0; n < DEVICES; n++) {
      const deviceId = `gas-${n}`;
      const { credential } = await api.createDevice(siteId, 'gas.lel.point', deviceId);
      const port = centre.options.mqttPort;
      const payload = (seq: number): string =>
        `{"ts":${scene.base + seq},"boot":"b1","seq":${seq},"values":{"conc":${10 + seq / 1_000}}}`;
      scene.devices.push(
        new StubbornDevice({
          port,
          deviceId,
          credential,
          readings: READINGS,
          window: 40,
          pauseMs: 50,
          payload,
        }),
      );
    }
    return scene;
  }

  acknowledged(): number {
    return this.devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  }

  async untilAcknowledged(part: number): Promise<void> {
    const due = part * DEVICES * READINGS;
    await eventually(
      () => this.acknowledged(),
      (count) => count >= due,
      'acknowledged',
      60_000,
    );
  }

  readiness(): Promise<readonly string[]> {
    return notReadyBecause(this.centre.server);
  }

  /** Everything gets through, is in history, and is in the journal once; the process is the one that it was. */
  async expectNothingLost(pid: number): Promise<void> {
    await this.untilAcknowledged(1);
    await eventually(
      () => this.readiness(),
      (reasons) => reasons.length === 0,
      'ready again',
    );
    const { server } = this.centre;
    expect(server.pid).toBe(pid);
    expect(await metric(server, 'watchfire_internal_errors_total')).toBe(0);
    const api = await this.centre.signIn();
    for (let n = 0; n < DEVICES; n++) {
      const { points } = await eventually(
        () => api.history(`gas-${n}.conc`, this.base, this.base + READINGS),
        (reply) => reply.points.length >= READINGS,
        `history of gas-${n}`,
      );
      expect(points).toEqual(Array.from({ length: READINGS }, (_, i) => [this.base + i, 10 + i / 1_000]));
    }
    expect(await server.terminate()).toBe(0);
    expect(defectsIn(server)).toEqual([]);
    const stored = await readingsIn(this.centre.options.data);
    expect(stored.size).toBe(DEVICES);
    for (const times of stored.values()) {
      expect(times.size).toBe(READINGS);
      expect([...times].filter(([, copies]) => copies !== 1)).toEqual([]);
    }
  }

  async end(): Promise<void> {
    for (const device of this.devices) device.stop();
    await this.centre.end();
    await this.remove();
  }
}

/** Nothing is acknowledged that is not on disk, the probe says why, and it heals by itself when the cause goes away. */
describe('a journal that cannot write', () => {
  let scene: Scene;
  afterEach(() => scene.end());

  onShim(
    `[JN12] [R1] disk full, then free${shim.skip}`,
    async () => {
      scene = await Scene.begin((data, flag) => ({
        ...shim.environment,
        FULL_DISK_UNDER: data,
        FULL_DISK_WHILE: flag,
      }));
      const { pid } = scene.centre.server;
      await scene.untilAcknowledged(0.2);
      await writeFile(scene.flag, '');
      const reasons = await eventually(
        () => scene.readiness(),
        (said) => said.length > 0,
        'not ready',
        30_000,
      );
      expect(reasons.join('\n')).toMatch(/journal: disk_full.*the disk is full/);
      const before = scene.acknowledged();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(scene.acknowledged()).toBe(before);
      expect(before).toBeLessThan(DEVICES * READINGS);
      expect(await metric(scene.centre.server, 'watchfire_journal_failures_total')).toBeGreaterThan(0);
      await rm(scene.flag);
      await scene.expectNothingLost(pid);
    },
    120_000,
  );

  onShim(
    `[JN12] [R1] fsync fails for a while${shim.skip}`,
    async () => {
      scene = await Scene.begin((_data, flag) => ({
        ...shim.environment,
        FAIL_FSYNC_OF: 'journal.db-wal',
        FAIL_FSYNC_WHILE: flag,
      }));
      const { pid } = scene.centre.server;
      await scene.untilAcknowledged(0.2);
      await writeFile(scene.flag, '');
      const reasons = await eventually(
        () => scene.readiness(),
        (said) => said.length > 0,
        'not ready',
        30_000,
      );
      expect(reasons.join('\n')).toMatch(/journal: io_error/);
      const before = scene.acknowledged();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(scene.acknowledged()).toBe(before);
      expect(before).toBeLessThan(DEVICES * READINGS);
      await rm(scene.flag);
      await scene.expectNothingLost(pid);
    },
    120_000,
  );

  it('[JN12] [R1] its thread ends, three times', async () => {
    scene = await Scene.begin(() => INSPECTABLE);
    const { server } = scene.centre;
    const { pid } = server;
    const losses = (): number => server.standardError.filter((line) => line.includes('"worker_lost"')).length;
    for (const part of [0.2, 0.4, 0.6]) {
      await scene.untilAcknowledged(part);
      const before = losses();
      await endWorker(server, 'journal');
      await eventually(losses, (count) => count > before, 'the loss in the log');
    }
    await scene.expectNothingLost(pid);
  }, 120_000);
});

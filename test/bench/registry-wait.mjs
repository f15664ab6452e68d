/**
 * How long others wait for the registry while the components of a large panel are imported, and while it tells of all of them. Needs a
 * build. `node test/bench/registry-wait.mjs [components]`. Prints one line of JSON, times in ms.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const COMPONENTS = Number(process.argv[2] ?? 20_000);
const { Registry } = await import(pathToFileURL(path.resolve('dist/libs/registry/src/index.js')).href);

const folder = await mkdtemp(path.join(tmpdir(), 'watchfire-bench-'));
const registry = await Registry.open({ directory: folder });

async function device(id) {
  const site = await registry.sites.create({ enterpriseId, name: id });
  await registry.devices.create({ id, siteId: site.id, profile: 'fire.uitd', name: id });
  return id;
}

/** Asks one thing after the other while `work` runs; answers how long it took, and the longest of those waits. */
async function beside(work) {
  let longest = 0;
  let running = true;
  const asking = (async () => {
    while (running) {
      const asked = performance.now();
      await registry.sites.find('nowhere');
      longest = Math.max(longest, performance.now() - asked);
      await sleep(1);
    }
  })();
  const began = performance.now();
  await work();
  const took = performance.now() - began;
  running = false;
  await asking;
  return { took: Math.round(took), longestWait: Math.round(longest) };
}

const key = (deviceId, address) => ({
  ...{ deviceId, systemType: 1, systemAddress: 1, address, addressText: String(address) },
});
const { id: enterpriseId } = await registry.enterprises.create({ name: 'bench' });
const [imported, heard] = [await device('imported'), await device('heard')];
const all = Array.from({ length: COMPONENTS }, (_, address) => address + 1);
const lines = all.map((address) => ({
  ...key(imported, address),
  componentType: 40,
  label: `smoke ${address}`,
}));
const sightings = all.map((address) => ({
  ...key(heard, address),
  ...{ componentType: 40, description: `smoke ${address}`, states: [], at: 1, offset: 1 },
}));
const figures = {
  components: COMPONENTS,
  import: await beside(() => registry.fireComponents.import(lines)),
  importAgain: await beside(() => registry.fireComponents.import(lines)),
  discovery: await beside(() => registry.fireComponents.discovered(sightings)),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
await registry.close();
await rm(folder, { recursive: true });

import { mkdir } from 'node:fs/promises';
import { CATALOGUE_FOLDER, credentialsFile, dataFolder, DEFAULT_SEED, DISTRICT_FOLDER } from './arguments.js';
import { DemoServer, ServerEnded } from './demo/demo-server.js';
import { hints, pageAddress } from './demo/hints.js';
import { DistrictFleet, titleOf } from './district-fleet.js';
import { readCredentials } from './field/credentials.js';
import { Story } from './scenario/story.js';
import { stopSignal } from './stop-signal.js';

/** `npm run demo`: the server, the devices of a district, and an evening's worth of incidents, until Ctrl-C. */
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

async function startField(field: DistrictFleet, data: string, page: string): Promise<void> {
  field.connect(await readCredentials(credentialsFile(data)));
  const { district, scheduler } = field;
  say(hints(page, district.accounts, field.size));
  const story = new Story(district.scenarios, field, scheduler, (scenario) => {
    say(
      `[情景 / scenario] ${titleOf(scenario)}\n    ${scenario.description.zh}\n    ${scenario.description.en}`,
    );
  });
  story.start();
}

async function demo(): Promise<number> {
  const stopped = stopSignal();
  const field = await DistrictFleet.load({
    districtFolder: DISTRICT_FOLDER,
    catalogueFolder: CATALOGUE_FOLDER,
    seed: DEFAULT_SEED,
    say: complain,
  });
  const data = dataFolder(process.env);
  await mkdir(data, { recursive: true });
  const server = new DemoServer(data, say);
  try {
    const begun = server.ready.then((ready) => startField(field, data, pageAddress(ready)));
    // Only a failure ends the wait: a field that has begun goes on until somebody stops it.
    const failed = begun.then(() => server.ended);
    await Promise.race([stopped, server.ended, failed]);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const what =
      error instanceof ServerEnded
        ? '演示服务器已停止 / the demo is over'
        : '演示无法开始 / the demo cannot start';
    complain(`${what}: ${error.message}`);
    return 1;
  } finally {
    await field.stop();
    await server.stop();
  }
}

process.exit(await demo());

import { CatalogueError, loadDemoDistrict } from '@watchfire/catalogue';
import { readArguments, type SimulateOptions, USAGE, UsageError } from './arguments.js';
import { DistrictFleet, titleOf } from './district-fleet.js';
import { CredentialsError, readCredentials } from './field/credentials.js';
import { RegistrationError } from './fire/registration.js';
import { ROOM_SCENARIOS } from './fire/room-scenarios.js';
import { simulateRooms } from './fire/rooms-program.js';
import { stopSignal } from './stop-signal.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

async function list(districtFolder: string): Promise<void> {
  const { scenarios } = await loadDemoDistrict(districtFolder);
  for (const scenario of [...scenarios, ...ROOM_SCENARIOS]) {
    const option = scenarios.some((each) => each === scenario) ? '' : '--rooms ';
    say(`${option}${scenario.key}  ${titleOf(scenario)}`);
    say(`    ${scenario.description.zh}\n    ${scenario.description.en}`);
  }
}

async function simulate(options: SimulateOptions): Promise<void> {
  const stopped = stopSignal();
  const field = await DistrictFleet.load({ ...options, say: complain });
  const scenario = options.scenario === undefined ? undefined : field.scenario(options.scenario);
  if (options.scenario !== undefined && scenario === undefined) {
    const known = field.district.scenarios.map(({ key }) => key).join(', ');
    throw new UsageError(`--scenario: there is no "${options.scenario}"; there are: ${known}.`);
  }
  const credentials = await readCredentials(options.credentialsFile);
  field.connect(options.url === undefined ? credentials : { ...credentials, mqttUrl: options.url });
  const { fleet, scheduler } = field;
  say(
    `${field.size} 台设备正在连接 / devices connecting: ${options.url ?? credentials.mqttUrl} (seed ${options.seed})`,
  );
  if (scenario !== undefined) {
    // Connected and with a first reading each, so that a ramp begins where the value is.
    scheduler.at(scheduler.now() + 30 * fleet.size + 2_000, () => {
      say(`情景开始 / scenario starts: ${titleOf(scenario)}`);
      const endAt = field.play(scenario, options.speed);
      scheduler.at(endAt, () => say(`情景结束 / scenario is over: ${titleOf(scenario)}`));
    });
  }
  await stopped;
  await field.stop();
}

async function main(): Promise<void> {
  const command = readArguments(process.argv.slice(2), process.env);
  switch (command.kind) {
    case 'help':
      return say(USAGE);
    case 'list':
      return list(command.districtFolder);
    case 'simulate':
      return simulate(command.options);
    case 'rooms':
      return simulateRooms(command.options, stopSignal(), say, (message) => new UsageError(message));
  }
}

/** What the person at the keyboard can put right; everything else is a fault of ours and keeps its stack. */
const isTheirs = (error: unknown): error is Error =>
  error instanceof CredentialsError ||
  error instanceof CatalogueError ||
  error instanceof RegistrationError ||
  (error instanceof Error && 'code' in error && error.code === 'ENOENT');

try {
  await main();
  process.exit(0);
} catch (error) {
  if (error instanceof UsageError) {
    complain(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
  if (!isTheirs(error)) throw error;
  complain(error.message);
  process.exit(1);
}

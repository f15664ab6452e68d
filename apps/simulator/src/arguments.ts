import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRooms, ROOMS_USAGE, type RoomsOptions } from './fire/rooms-arguments.js';

export interface SimulateOptions {
  /** Overrides the address in the credentials file. */
  readonly url: string | undefined;
  readonly credentialsFile: string;
  readonly districtFolder: string;
  readonly catalogueFolder: string;
  readonly seed: string;
  readonly scenario: string | undefined;
  readonly speed: number;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly districtFolder: string }
  | { readonly kind: 'simulate'; readonly options: SimulateOptions }
  | { readonly kind: 'rooms'; readonly options: RoomsOptions };

/** The command line cannot be understood; the message is for the person who typed it. */
export class UsageError extends Error {}

export const USAGE = `npm run simulate -- [options]
  --scenario <key>      play one scenario once everybody is connected (--list names them)
  --list                the scenarios of the district
  --speed <n>           play the scenario n times as fast, 0.1 to 100 (default 1)
  --seed <text>         another seed, other signals; the same seed, the same signals (default "watchfire")
  --url <url>           the server's MQTT address, for example mqtt://127.0.0.1:1883
  --credentials <file>  device credentials (default <data>/demo/credentials.json, written by a server in demo mode;
                        <data> is WATCHFIRE_DATA or ./data/demo-district)
  --district <folder>   district.yaml is in here (default config/demo)
  --catalogue <folder>  device profiles (default config/catalogue)
  --help
${ROOMS_USAGE}`;

export const DEFAULT_SEED = 'watchfire';
export const DISTRICT_FOLDER = join('config', 'demo');
export const CATALOGUE_FOLDER = join('config', 'catalogue');

/** Where the demo keeps its data unless `WATCHFIRE_DATA` says otherwise. */
export const dataFolder = (environment: NodeJS.ProcessEnv): string =>
  environment.WATCHFIRE_DATA ?? join('data', 'demo-district');

export const credentialsFile = (data: string): string => join(data, 'demo', 'credentials.json');

/** @throws UsageError */
export function readArguments(argv: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const given = parse(argv);
  if (given.help === true) return { kind: 'help' };
  const districtFolder = given.district ?? DISTRICT_FOLDER;
  if (given.list === true) return { kind: 'list', districtFolder };
  if (given.url !== undefined && !/^(mqtts?|wss?):\/\/./.test(given.url))
    throw new UsageError(`--url: "${given.url}" does not begin with mqtt://, mqtts://, ws:// or wss://.`);
  const common = {
    catalogueFolder: given.catalogue ?? CATALOGUE_FOLDER,
    seed: given.seed ?? DEFAULT_SEED,
    scenario: given.scenario,
    speed: speedOf(given.speed ?? '1'),
  };
  if (given.rooms === true) {
    const refuse = (message: string): UsageError => new UsageError(message);
    return { kind: 'rooms', options: readRooms(given, common, environment, refuse) };
  }
  return {
    kind: 'simulate',
    options: {
      url: given.url,
      credentialsFile: given.credentials ?? credentialsFile(dataFolder(environment)),
      districtFolder,
      ...common,
    },
  };
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (text.trim() === '' || !(speed >= 0.1 && speed <= 100))
    throw new UsageError(`--speed: "${text}" is not a number from 0.1 to 100.`);
  return speed;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string' },
        credentials: { type: 'string' },
        district: { type: 'string' },
        catalogue: { type: 'string' },
        seed: { type: 'string' },
        scenario: { type: 'string' },
        speed: { type: 'string' },
        rooms: { type: 'boolean' },
        units: { type: 'string' },
        fire: { type: 'string' },
        server: { type: 'string' },
        account: { type: 'string' },
        dialect: { type: 'string' },
        'duty-answer': { type: 'string' },
        'bad-wire': { type: 'boolean' },
        udp: { type: 'boolean' },
        tls: { type: 'boolean' },
        ca: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

import { join } from 'node:path';
import { type CentreAccount } from './registration.js';
import { type FireAddress, type Way } from './room-lines.js';

export interface RoomsOptions {
  readonly units: number;
  readonly at: FireAddress;
  /** Whom the rooms trust over TLS beside the CAs of Node.js: a file in PEM. */
  readonly caFile: string | undefined;
  /** `undefined`: nothing is registered; whom the centre does not know is quarantined. */
  readonly account: CentreAccount | undefined;
  readonly dialectsFolder: string;
  /** `undefined`: all, in turn. */
  readonly dialect: string | undefined;
  readonly dutyAnswerMs: number | null;
  readonly badWire: boolean;
  readonly seed: string;
  readonly scenario: string | undefined;
  readonly speed: number;
}

export interface RoomsGiven {
  readonly units?: string | undefined;
  readonly fire?: string | undefined;
  readonly server?: string | undefined;
  readonly account?: string | undefined;
  readonly dialect?: string | undefined;
  readonly 'duty-answer'?: string | undefined;
  readonly 'bad-wire'?: boolean | undefined;
  readonly udp?: boolean | undefined;
  readonly tls?: boolean | undefined;
  readonly ca?: string | undefined;
}

export const ROOMS_USAGE = `
  --rooms               fire-control rooms over GB/T 26875.3 instead of the district; --scenario, --speed, --seed, --catalogue as above, and
  --units <n>           so many, 1 to 5000 (default 185)
  --fire <host:port>    where the centre listens for them (default 127.0.0.1:26875)
  --server <url>        registers them there first (site, fire unit, device); without it they end in the quarantine
  --account <name>      who registers (default admin); the password is read from WATCHFIRE_ADMIN_PASSWORD
  --dialect <key>       one device profile of config/catalogue/fire for all (default: all profiles in turn)
  --duty-answer <s>     seconds until somebody answers a duty check, or never (default 30)
  --udp, --tls          over UDP (fire.udp must be on) or TLS (fire.tls.port) instead of TCP
  --ca <file>           of the server's certificate, in PEM, where Node.js does not know it
  --bad-wire            stale checksums, split and glued frames; over UDP lost and doubled datagrams`;

const MOST_UNITS = 5_000;
const MOST_ANSWER_SECONDS = 3_600;

/** @throws the error that `refuse` makes of what is wrong. */
export function readRooms(
  given: RoomsGiven,
  common: Pick<RoomsOptions, 'seed' | 'scenario' | 'speed'> & { readonly catalogueFolder: string },
  environment: NodeJS.ProcessEnv,
  refuse: (message: string) => Error,
): RoomsOptions {
  const { seed, scenario, speed, catalogueFolder } = common;
  return {
    ...{ seed, scenario, speed },
    units: numberOf('--units', given.units ?? '185', MOST_UNITS, refuse),
    at: { ...addressOf(given.fire ?? '127.0.0.1:26875', refuse), over: wayOf(given, refuse) },
    caFile: given.ca,
    account: accountOf(given, environment, refuse),
    dialectsFolder: join(catalogueFolder, 'fire'),
    dialect: given.dialect,
    dutyAnswerMs:
      given['duty-answer'] === 'never'
        ? null
        : 1_000 * numberOf('--duty-answer', given['duty-answer'] ?? '30', MOST_ANSWER_SECONDS, refuse),
    badWire: given['bad-wire'] ?? false,
  };
}

function wayOf({ udp, tls, ca }: RoomsGiven, refuse: (message: string) => Error): Way {
  if (udp === true && tls === true) throw refuse('--udp: it is either this or --tls.');
  if (ca !== undefined && tls !== true) throw refuse('--ca: is for --tls.');
  if (udp === true) return 'udp';
  return tls === true ? 'tls' : 'tcp';
}

function accountOf(
  { server, account }: RoomsGiven,
  environment: NodeJS.ProcessEnv,
  refuse: (message: string) => Error,
): CentreAccount | undefined {
  if (server === undefined) return undefined;
  if (!/^https?:\/\/./.test(server))
    throw refuse(`--server: "${server}" does not begin with http:// or https://.`);
  const password = environment.WATCHFIRE_ADMIN_PASSWORD;
  if (password === undefined) throw refuse('--server: the password is not in WATCHFIRE_ADMIN_PASSWORD.');
  return { url: server.replace(/\/+$/, ''), username: account ?? 'admin', password };
}

function numberOf(option: string, text: string, most: number, refuse: (message: string) => Error): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw refuse(`${option}: "${text}" is not a whole number from 1 to ${most}.`);
}

function addressOf(text: string, refuse: (message: string) => Error): FireAddress {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw refuse(`--fire: "${text}" is not host:port.`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

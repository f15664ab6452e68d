import { type CommandMessage, type CommandRefusal } from '../dialect.js';
import { type DecodedAdu, encodeAdu } from './adu.js';
import { addressOfText } from './component-address.js';
import { ourTime } from './conversation.js';
import { type Deviation } from './deviation.js';
import { Gb26875Error } from './errors.js';
import { type InformationObject, type ObjectKind } from './layouts.js';
import { timeLabel } from './time-label.js';

/** What people may ask of a fire-control room, and tell it. */
export const FIRE_COMMANDS = [
  'read_now',
  'read_state',
  'read_component',
  'read_analog',
  'read_records',
  'read_version',
  'read_configuration',
  'read_clock',
  'sync_clock',
  'duty_check',
  'initialise',
] as const;

export interface FireRequest {
  readonly kind: ObjectKind;
  readonly adu: Uint8Array;
}

type Params = CommandMessage['params'];

const DUTY_MINUTES = 10;
const MOST_RECORDS = 102;
const DAY_MS = 86_400_000;

/**
 * A command as the wire has it. Without a system (`systemType`, `systemAddress`) it is about the device itself; `address` is that of a
 * component as the profile prints it, `3/17`.
 */
export function fireRequest(
  { command, params }: Pick<CommandMessage, 'command' | 'params'>,
  deviation: Deviation,
  now: number,
): FireRequest | CommandRefusal {
  try {
    return (
      requestOf(command, params, deviation, now) ?? {
        refused: `a fire-control room has no command ${command}`,
      }
    );
  } catch (error) {
    if (error instanceof Gb26875Error) return { refused: error.message };
    throw error;
  }
}

/** What a reply says, as JSON: texts as texts, times as epoch ms. */
export function repliedObjects({ objects }: DecodedAdu): readonly Readonly<Record<string, unknown>>[] {
  return objects.map((object) =>
    Object.fromEntries(
      Object.entries(object).map(([field, value]: [string, unknown]) => [field, plain(value)] as const),
    ),
  );
}

function requestOf(
  command: string,
  params: Params,
  deviation: Deviation,
  now: number,
): FireRequest | undefined {
  const system = systemOf(params);
  switch (command) {
    case 'read_now':
    case 'read_state':
      return forSystem(system, 'read-system-state', 'read-device-state');
    case 'read_version':
      return forSystem(system, 'read-facility-version', 'read-device-version');
    case 'read_clock':
      return forSystem(system, 'read-facility-time', 'read-device-time');
    case 'read_component':
      return made('read-component-state', componentOf(params, deviation));
    case 'read_analog':
      return made('read-component-analog', componentOf(params, deviation));
    case 'read_configuration':
      if (params['address'] !== undefined)
        return made('read-component-configuration', componentOf(params, deviation));
      return forSystem(system, 'read-system-configuration', 'read-device-configuration');
    case 'read_records': {
      const records = whole(params, 'count', 1, MOST_RECORDS, MOST_RECORDS);
      const from = timeLabel(
        whole(params, 'from', 0, Number.MAX_SAFE_INTEGER, now - DAY_MS),
        deviation.time === 'bcd' ? 'bcd' : 'binary',
        deviation.utcOffsetMinutes,
      );
      if (system === undefined) return made('read-device-operations', { records, from });
      return made('read-facility-operations', { ...system, records, from });
    }
    case 'sync_clock':
      return made('synchronise-clock', { time: ourTime(deviation, now) });
    case 'duty_check':
      return made('duty-check', { minutes: whole(params, 'minutes', 1, 255, DUTY_MINUTES) });
    case 'initialise':
      return made('initialise-device', { reserved: 0 });
    default:
      return undefined;
  }
}

function made<K extends ObjectKind>(kind: K, object: Omit<InformationObject<K>, 'kind'>): FireRequest {
  return { kind, adu: encodeAdu(kind, [object]) };
}

interface System {
  readonly systemType: number;
  readonly systemAddress: number;
}
type OfSystem =
  'read-system-state' | 'read-facility-version' | 'read-facility-time' | 'read-system-configuration';
type OfDevice =
  'read-device-state' | 'read-device-version' | 'read-device-time' | 'read-device-configuration';

function forSystem(system: System | undefined, ofSystem: OfSystem, ofDevice: OfDevice): FireRequest {
  return system === undefined ? made(ofDevice, { reserved: 0 }) : made(ofSystem, system);
}

function systemOf(params: Params): System | undefined {
  if (params['systemType'] === undefined && params['systemAddress'] === undefined) return undefined;
  return {
    systemType: whole(params, 'systemType', 0, 255),
    systemAddress: whole(params, 'systemAddress', 0, 255),
  };
}

function componentOf(
  params: Params,
  { address: form }: Deviation,
): System & { readonly componentAddress: number } {
  const { address } = params;
  const componentAddress = typeof address === 'string' ? addressOfText(address, form) : undefined;
  if (componentAddress === undefined) {
    throw new Gb26875Error('address', `must be a text of ${form.parts.length} numbers with / between them`);
  }
  return { systemType: 1, systemAddress: 1, ...systemOf(params), componentAddress };
}

function whole(params: Params, name: string, min: number, max: number, otherwise?: number): number {
  const value = params[name] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Gb26875Error(name, `must be an integer from ${min} to ${max}`);
}

function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('text' in value) return value.text;
  return 'at' in value ? value.at : null;
}

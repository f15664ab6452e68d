/** How an environment variable becomes a value; throws with the reason where it cannot. */
type Parse = (text: string) => unknown;

const asText: Parse = (text) => text;
const asNumber: Parse = (text) => {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new Error(`"${text}" is not a number`);
  return Number(text);
};
const asSwitch: Parse = (text) => {
  if (text !== 'true' && text !== 'false') throw new Error(`"${text}" is neither true nor false`);
  return text === 'true';
};
const asList: Parse = (text) => text.split(',').map((item) => item.trim());
const asRoles: Parse = (text) => (text === 'all' ? ['gateway', 'engine', 'console'] : asList(text));

export interface Variable {
  readonly path: readonly string[];
  readonly parse: Parse;
  /** May stand in a file instead, which `<name>_FILE` names: environments are shown by many tools, and inherited. */
  readonly secret?: true;
}

/** The variables that scripts use; everything else is set in a file (`WATCHFIRE_CONFIG`). */
export const ENVIRONMENT: Readonly<Record<string, Variable>> = {
  WATCHFIRE_DATA: { path: ['data'], parse: asText },
  WATCHFIRE_ROLES: { path: ['roles'], parse: asRoles },
  WATCHFIRE_HTTP_HOST: { path: ['http', 'host'], parse: asText },
  WATCHFIRE_HTTP_PORT: { path: ['http', 'port'], parse: asNumber },
  WATCHFIRE_MQTT_HOST: { path: ['mqtt', 'host'], parse: asText },
  WATCHFIRE_MQTT_PORT: { path: ['mqtt', 'port'], parse: asNumber },
  WATCHFIRE_FIRE_HOST: { path: ['fire', 'host'], parse: asText },
  WATCHFIRE_FIRE_PORT: { path: ['fire', 'port'], parse: asNumber },
  WATCHFIRE_FIRE_UDP: { path: ['fire', 'udp'], parse: asSwitch },
  WATCHFIRE_EXTERNAL_BROKER: { path: ['mqtt', 'external', 'url'], parse: asText },
  WATCHFIRE_EXTERNAL_BROKER_PASSWORD: { path: ['mqtt', 'external', 'password'], parse: asText, secret: true },
  WATCHFIRE_ADMIN_PASSWORD: { path: ['adminPassword'], parse: asText, secret: true },
  WATCHFIRE_HISTORY: { path: ['history', 'adapter'], parse: asText },
  WATCHFIRE_INFLUX_URL: { path: ['history', 'influx', 'url'], parse: asText },
  WATCHFIRE_INFLUX_TOKEN: { path: ['history', 'influx', 'token'], parse: asText, secret: true },
  WATCHFIRE_INFLUX_ORG: { path: ['history', 'influx', 'org'], parse: asText },
  WATCHFIRE_INFLUX_BUCKET: { path: ['history', 'influx', 'bucket'], parse: asText },
  WATCHFIRE_INFLUX_API: { path: ['history', 'influx', 'api'], parse: asText },
  WATCHFIRE_LOG_LEVEL: { path: ['log', 'level'], parse: asText },
};

/** Variables of ours that are read elsewhere and are no settings. */
const OTHERS = new Set(['WATCHFIRE_CONFIG', 'WATCHFIRE_DEMO']);
const TEST_PREFIX = 'WATCHFIRE_TEST_';

export const fileVariable = (name: string): string => `${name}_FILE`;

const FILES = new Set(
  Object.entries(ENVIRONMENT).flatMap(([name, { secret }]) => (secret ? [fileVariable(name)] : [])),
);

/** Names that look like ours and are not: most likely a typing error that would silently do nothing. */
export function unknownVariables(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).filter(
    (name) =>
      name.startsWith('WATCHFIRE_') &&
      !name.startsWith(TEST_PREFIX) &&
      !(name in ENVIRONMENT) &&
      !FILES.has(name) &&
      !OTHERS.has(name),
  );
}

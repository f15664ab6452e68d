import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ENVIRONMENT, unknownVariables } from './environment.js';
import { type Settings, settingsSchema } from './schema.js';
import { withSecretFiles } from './secret-files.js';

/** Everything that is wrong with the configuration, each with the file or variable and the path. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

type Tree = Record<string, unknown>;

export interface LoadOptions {
  /** config/default.yaml: has every key. */
  readonly defaults: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Laid over the defaults and under everything that the user set: what demo mode changes. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/**
 * The settings: the defaults, overlaid by the file in `WATCHFIRE_CONFIG`, overlaid by the environment.
 * @throws SettingsError with every problem at once.
 */
export async function loadSettings({ defaults, environment, base = {} }: LoadOptions): Promise<Settings> {
  const problems: string[] = [];
  const tree = await readYaml(defaults, problems);
  overlay(tree, base);
  const file = environment['WATCHFIRE_CONFIG'];
  if (file !== undefined && file !== '') {
    const own = await readYaml(file, problems);
    for (const path of unknownPaths(own, tree)) problems.push(`${file}: ${path} is not a known key`);
    overlay(tree, own);
  }
  for (const name of unknownVariables(environment)) problems.push(`${name} is not a known variable`);
  const given = await withSecretFiles(environment, problems);
  for (const [name, { path, parse: parseValue }] of Object.entries(ENVIRONMENT)) {
    const text = given[name];
    if (text === undefined || text === '') continue;
    try {
      set(tree, path, parseValue(text));
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const parsed = settingsSchema.safeParse(tree);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${origin(issue.path, given)}: ${issue.message}`);
  }
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new SettingsError(problems);
}

/** The settings for the log: secrets are only said to be set or not. */
export function redacted(settings: Settings): unknown {
  return {
    ...settings,
    adminPassword: settings.adminPassword === null ? null : '(set)',
    mqtt: {
      ...settings.mqtt,
      external: {
        ...settings.mqtt.external,
        password: settings.mqtt.external.password === null ? null : '(set)',
      },
    },
    callbacks: settings.callbacks.map((callback) => ({ ...callback, secret: '(set)' })),
    history: {
      ...settings.history,
      influx: { ...settings.history.influx, token: settings.history.influx.token === '' ? '' : '(set)' },
    },
  };
}

async function readYaml(file: string, problems: string[]): Promise<Tree> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  try {
    const value: unknown = parse(text) ?? {};
    if (isTree(value)) return value;
    problems.push(`${file}: must be a map of keys`);
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function overlay(target: Tree, source: Readonly<Tree>): void {
  for (const [key, value] of Object.entries(source)) {
    const existing = target[key];
    if (isTree(value) && isTree(existing)) overlay(existing, value);
    else target[key] = value;
  }
}

function unknownPaths(own: Tree, known: Tree, prefix = ''): string[] {
  return Object.entries(own).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    if (!Object.hasOwn(known, key)) return [path];
    const there = known[key];
    return isTree(value) && isTree(there) ? unknownPaths(value, there, `${path}.`) : [];
  });
}

function set(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key];
  const next: Tree = isTree(inner) ? inner : {};
  tree[key] = next;
  set(next, rest, value);
}

/** Names the variable where it set the value, and the path of the key otherwise. */
function origin(path: readonly PropertyKey[], environment: NodeJS.ProcessEnv): string {
  const dotted = path.map(String).join('.');
  const variable = Object.entries(ENVIRONMENT).find(
    ([name, entry]) => environment[name] !== undefined && entry.path.join('.') === dotted,
  );
  return variable?.[0] ?? dotted;
}

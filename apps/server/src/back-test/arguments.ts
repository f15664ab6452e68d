import { parseArgs } from 'node:util';

export const USAGE = `npm run back-test -- --device <id> --rule <key> --set <value>… [options]

What a changed rule would have done on the telemetry that a server has stored, against what the present rule did.

  --device <id>      the device; several times for several devices. Or:
  --site <id>        all devices of a site that have the rule. Or:
  --profile <key>    all devices of a profile
  --rule <key>       the rule, for example conc-high
  --set <name=value> several times; what is not set is the catalogue's, as when a rule is overridden:
                     limits.HH, limits.H, limits.L, limits.LL, deadband (unit of the point), enabled (true, false),
                     onDelay, offDelay, after (1500ms, 30s, 5m, 2h)
  --from, --to       2026-11-01, 2026-11-01T08:00:00+08:00, or so long ago: 36h, 30d. Default: 30d to now
  --url <url>        the server; default http://127.0.0.1:3000
  --user <name>      signs in with the password in WATCHFIRE_PASSWORD; otherwise the session in WATCHFIRE_TOKEN is used
  --differences <n>  list so many alarms that only one of the rules has (default 10)
  --json             the whole answer as JSON
  --help

Exit codes: 0 done, 1 refused or failed, 2 wrong arguments, 130 interrupted (the test is cancelled).`;

/** What the person at the keyboard can put right. */
export class UsageError extends Error {}

export interface BackTestArguments {
  readonly url: string;
  readonly user: string | undefined;
  readonly asked: Readonly<Record<string, unknown>>;
  readonly differences: number;
  readonly json: boolean;
}

const LEVELS = ['HH', 'H', 'L', 'LL'];
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `undefined` when help was asked for; throws a {@link UsageError} that names what is wrong. */
export function readArguments(argv: readonly string[], now: number): BackTestArguments | undefined {
  const given = parse(argv);
  if (given.help) return undefined;
  const { device, site, profile, rule } = given;
  if ([device, site, profile].filter((one) => one !== undefined).length !== 1) {
    throw new UsageError('Name --device, --site or --profile: one of them.');
  }
  if (rule === undefined) throw new UsageError('--rule is needed.');
  const from = timeOf('--from', given.from ?? '30d', now);
  const to = timeOf('--to', given.to ?? '0s', now);
  if (from >= to) throw new UsageError('--from must be before --to.');
  const differences = Number(given.differences);
  if (!Number.isInteger(differences) || differences < 0 || differences > 500) {
    throw new UsageError(`--differences: "${given.differences}" is not a whole number from 0 to 500.`);
  }
  const asked = {
    ...(device === undefined ? {} : { deviceIds: device }),
    ...(site === undefined ? {} : { siteId: site }),
    ...(profile === undefined ? {} : { profile }),
    ruleKey: rule,
    override: overrideOf(given.set ?? []),
    from,
    to,
  };
  return { url: given.url, user: given.user, asked, differences, json: given.json };
}

/** The override that these make, as `PUT /devices/{id}/rules/{ruleKey}` takes it. */
export function overrideOf(settings: readonly string[]): Readonly<Record<string, unknown>> {
  if (settings.length === 0) throw new UsageError('--set is needed: what would be changed?');
  const limits: Record<string, number> = {};
  const override: Record<string, unknown> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const name = setting.slice(0, at);
    const value = setting.slice(at + 1);
    if (at <= 0) throw new UsageError(`--set: "${setting}" is not name=value.`);
    const level = /^limits\.(\w+)(\.limit)?$/.exec(name)?.[1];
    if (level !== undefined) {
      if (!LEVELS.includes(level))
        throw new UsageError(`--set: levels are ${LEVELS.join(', ')}, not ${level}.`);
      limits[level] = numberOf(setting, value);
      override['limits'] = limits;
    } else if (name === 'deadband') override[name] = numberOf(setting, value);
    else if (name === 'enabled') override[name] = truthOf(setting, value);
    else if (name === 'onDelay' || name === 'offDelay' || name === 'after') {
      override[`${name}Ms`] = durationOf(setting, value);
    } else throw new UsageError(`--set: there is nothing of the name ${name}.`);
  }
  return override;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        device: { type: 'string', multiple: true },
        site: { type: 'string' },
        profile: { type: 'string' },
        rule: { type: 'string' },
        set: { type: 'string', multiple: true },
        from: { type: 'string' },
        to: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:3000' },
        user: { type: 'string' },
        differences: { type: 'string', default: '10' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** A moment, or so long before now. */
function timeOf(name: string, text: string, now: number): number {
  const ago = agoMs(text);
  const at = ago === undefined ? Date.parse(text) : now - ago;
  if (Number.isNaN(at))
    throw new UsageError(`${name}: "${text}" is no date, no time and no length like 30d.`);
  return at;
}

function agoMs(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return count === undefined ? undefined : Math.round(Number(count) * (UNIT_MS[unit] ?? 0));
}

function durationOf(setting: string, value: string): number {
  const ms = agoMs(value);
  if (ms === undefined)
    throw new UsageError(`--set: "${setting}": a length like 1500ms, 30s, 5m or 2h is needed.`);
  return ms;
}

function numberOf(setting: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) {
    throw new UsageError(`--set: "${setting}": a number is needed.`);
  }
  return number;
}

function truthOf(setting: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') {
    throw new UsageError(`--set: "${setting}": true or false is needed.`);
  }
  return value === 'true';
}

import { isDeepStrictEqual } from 'node:util';
import { type ConfigurationChange, type DeviceConfiguration } from '@watchfire/alarm';
import { deviceConfiguration, effectiveRule, type Profile } from '@watchfire/catalogue';
import { type DeviceContext, type RuleLayerRow } from '@watchfire/registry';
import { type InService } from './in-service.js';

/** So many appends may be under way: the journal gathers them, and memory stays bounded. */
const AT_ONCE = 1_000;

/**
 * Journals a configuration for each of the devices that the engine knows otherwise than the registry and the catalogue say;
 * returns how many there were.
 */
export async function bringInLine(
  inService: InService,
  devices: readonly DeviceContext[],
  change?: ConfigurationChange,
): Promise<number> {
  const { registry, engine, journal } = inService.deps;
  const rows = grouped(await registry.rules.all(), ({ layer, subject, part }) =>
    layer === 'site' ? siteKey(subject, part) : subject,
  );
  let pending: Promise<unknown>[] = [];
  let changed = 0;
  for (const context of devices) {
    const { id, siteId, profile: key } = context.device;
    const own = [...(rows.get(siteKey(siteId, key)) ?? []), ...(rows.get(id) ?? [])];
    const profile = inService.profile(key);
    const device = deviceConfiguration(context, profile, own);
    const known = engine.configuration(id);
    // The engine keeps its own order of members.
    if (isDeepStrictEqual(device, known)) continue;
    changed += 1;
    const why = change ?? (known && lostChange(known, device, profile, own));
    pending.push(journal.append({ kind: 'configure', device, ...(why && { change: why }) }));
    if (pending.length < AT_ONCE) continue;
    await Promise.all(pending);
    pending = [];
  }
  await Promise.all(pending);
  return changed;
}

/** What a stored change of a layer is in the journal. */
export function changeOf(row: RuleLayerRow, version: number): ConfigurationChange {
  return {
    actor: row.by,
    ...(row.approvedBy !== null && { approvedBy: row.approvedBy }),
    reason: row.reason,
    rule: row.ruleKey,
    version,
  };
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * The change that the registry had and the journal had not when the server was killed between the two: where one rule differs,
 * it is the newest of that rule. `undefined` where more than that differs.
 */
function lostChange(
  known: DeviceConfiguration,
  wanted: DeviceConfiguration,
  profile: Profile,
  rows: readonly RuleLayerRow[],
): ConfigurationChange | undefined {
  const before = new Map(known.rules.map((rule) => [rule.key, rule]));
  const after = new Map(wanted.rules.map((rule) => [rule.key, rule]));
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => !isDeepStrictEqual(before.get(key), after.get(key)),
  );
  const [ruleKey] = differing;
  if (ruleKey === undefined || differing.length > 1) return undefined;
  const [newest] = rows.filter((row) => row.ruleKey === ruleKey).sort((a, b) => b.at - a.at);
  const rule = profile.rules.find(({ key }) => key === ruleKey);
  if (newest === undefined || rule === undefined) return undefined;
  return changeOf(newest, effectiveRule(profile, rule, rows).version);
}

const siteKey = (siteId: string, profile: string): string => `${siteId} ${profile}`;

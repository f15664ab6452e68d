import { type Alarm, type DeviceView, type SiteView } from '@watchfire/contracts';
import { blockOf, compareAlarms } from '../alarms/order.js';
import { isBlind } from './fleet.js';
import { type Grid } from './grid.js';

export interface TreeNode {
  readonly key: string;
  readonly kind: 'street' | 'community' | 'site';
  readonly name: string;
  readonly depth: number;
  readonly devices: number;
  readonly blind: number;
  /** The most urgent alarm below this node; suppressed ones do not colour a tree. */
  readonly worst: Alarm | null;
  readonly unacknowledged: number;
}

/** The most urgent of the alarms that are annunciated. */
export function worstOf(alarms: readonly Alarm[]): Alarm | null {
  let worst: Alarm | null = null;
  for (const alarm of alarms) {
    const block = blockOf(alarm);
    if (block === undefined || block === 'suppressed') continue;
    if (worst === null || compareAlarms(alarm, worst) < 0) worst = alarm;
  }
  return worst;
}

/**
 * Street → community → site as a flat list in reading order, each node with what is below it. Sites whose cell is not known
 * come last, under a street with an empty name.
 */
export function siteTree(
  grid: Grid,
  sites: readonly SiteView[],
  devices: readonly DeviceView[],
  alarms: readonly Alarm[],
): TreeNode[] {
  const branches = new Map<
    string,
    { name: string; communities: Map<string, { name: string; sites: SiteView[] }> }
  >();
  for (const site of sites) {
    const path = grid.path(site.gridCode);
    const street = path.find((cell) => cell.level === 'street');
    const community = path.find((cell) => cell.level === 'community');
    const branch = entry(branches, street?.code ?? '', () => newBranch(street?.name));
    const twig = entry(branch.communities, community?.code ?? '', () => newTwig(community?.name));
    twig.sites.push(site);
  }
  const devicesAt = groupBy(devices, (device) => device.siteId);
  const alarmsAt = groupBy(alarms, (alarm) => alarm.siteId);
  const node = (kind: TreeNode['kind'], key: string, name: string, below: readonly SiteView[]): TreeNode => {
    const ownDevices = below.flatMap((site) => devicesAt.get(site.id) ?? []);
    const ownAlarms = below.flatMap((site) => alarmsAt.get(site.id) ?? []);
    return {
      key,
      kind,
      name,
      depth: { street: 0, community: 1, site: 2 }[kind],
      devices: ownDevices.length,
      blind: ownDevices.filter(isBlind).length,
      worst: worstOf(ownAlarms),
      unacknowledged: ownAlarms.filter((alarm) => blockOf(alarm) === 'unacknowledged').length,
    };
  };
  const nodes: TreeNode[] = [];
  for (const [code, { name, communities }] of byKey(branches)) {
    nodes.push(
      node(
        'street',
        code,
        name,
        [...communities.values()].flatMap((community) => community.sites),
      ),
    );
    for (const [inner, community] of byKey(communities)) {
      if (inner !== '') nodes.push(node('community', inner, community.name, community.sites));
      for (const site of community.sites.sort(byName)) nodes.push(node('site', site.id, site.name, [site]));
    }
  }
  return nodes;
}

interface Twig {
  readonly name: string;
  readonly sites: SiteView[];
}
interface Branch {
  readonly name: string;
  readonly communities: Map<string, Twig>;
}
const newTwig = (name = ''): Twig => ({ name, sites: [] });
const newBranch = (name = ''): Branch => ({ name, communities: new Map() });

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const held = map.get(key);
  if (held !== undefined) return held;
  const made = make();
  map.set(key, made);
  return made;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) entry(groups, key(item), () => [] as T[]).push(item);
  return groups;
}

/** By code; what has none last. */
const byKey = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
  [...map].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
const byName = (a: SiteView, b: SiteView): number => a.name.localeCompare(b.name, 'zh-CN');

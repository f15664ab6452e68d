import { describe, expect, test } from '@jest/globals';
import { ALARM_CLASSES, ALARM_STATES, PRIORITIES, type Alarm } from '@watchfire/contracts';
import fc from 'fast-check';
import { alarmsIn, groupKeyOf, isTopClass, itemsOf, singlesOf, type Group, type Item } from './groups.js';
import { listView, type Row } from './held-list.js';
import { compareAlarms, priorityRank } from './order.js';
import { alarmOf } from './testing/builders.js';

const rowsOf = (alarms: readonly Alarm[], held?: readonly Alarm[]): readonly Row[] =>
  listView([...alarms].sort(compareAlarms), held, Infinity).rows;
const NONE: ReadonlySet<string> = new Set();
const idsOf = (items: readonly Item[]): string[] =>
  items.flatMap((item) =>
    item.kind === 'alarm' ? [item.key] : item.expanded ? [] : item.members.map(({ alarm }) => alarm.id),
  );
const groupsOf = (items: readonly Item[]): readonly Group[] =>
  items.filter((item): item is Group => item.kind === 'group');

describe('groups by site and cause', () => {
  const gas = (id: string, over: Partial<Alarm> = {}): Alarm => alarmOf({ id, rule: 'conc-high', ...over });

  test('the same rule on several devices of a site is one row, with the highest priority and what waits', () => {
    const alarms = [
      gas('a', { deviceId: 'd1', priority: 'yellow', raisedAt: 3 }),
      gas('b', { deviceId: 'd2', priority: 'red', raisedAt: 2 }),
      gas('c', { deviceId: 'd3', siteId: 'site-2' }),
      gas('d', { deviceId: 'd4', rule: 'fault' }),
    ];
    const items = itemsOf(rowsOf(alarms), NONE);
    expect(items.map(({ kind }) => kind)).toEqual(['group', 'alarm', 'alarm']);
    expect(groupsOf(items)).toMatchObject([{ lead: { id: 'b' }, inhibitedBy: null, expanded: false }]);
  });

  test('opened, its members stand beneath it in their order', () => {
    const rows = rowsOf([gas('a', { raisedAt: 1 }), gas('b', { raisedAt: 2 })]);
    const key = groupKeyOf(rows[0]!)!;
    expect(itemsOf(rows, new Set([key])).map((item) => item.key)).toEqual([key, 'b', 'a']);
  });

  test('what one rule suppresses is together, whatever it is of', () => {
    const suppressed = (id: string, rule: string): Alarm =>
      gas(id, {
        state: 'DSUPR',
        rule,
        class: 'trouble',
        suppressionReasons: ['state', 'inhibited-by:gw/offline'],
      });
    const items = itemsOf(rowsOf([suppressed('a', 'stale'), suppressed('b', 'offline')]), NONE);
    expect(groupsOf(items)).toMatchObject([{ inhibitedBy: 'gw/offline', block: 'suppressed' }]);
  });

  test('drills and what is real share no row', () => {
    expect(groupsOf(itemsOf(rowsOf([gas('a'), gas('b', { drill: true })]), NONE))).toEqual([]);
  });

  test('a held list keeps its groups whatever happens to their alarms', () => {
    const held = [gas('a'), gas('b')];
    const now = [
      gas('a', { state: 'ACKED' }),
      gas('b', { state: 'DSUPR', suppressionReasons: ['inhibited-by:x/y'] }),
    ];
    const items = itemsOf(rowsOf(now, held), NONE);
    expect(items.map(({ kind, block }) => [kind, block])).toEqual([['group', 'unacknowledged']]);
  });

  test('a class that this page does not know has rows of its own', () => {
    const alarms = ['a', 'b'].map((id) => gas(id, { class: 'flood-gate' as Alarm['class'] }));
    expect(groupsOf(itemsOf(rowsOf(alarms), NONE))).toEqual([]);
  });
});

const anyAlarm: fc.Arbitrary<Omit<Alarm, 'id'>> = fc
  .record({
    class: fc.constantFrom(...ALARM_CLASSES),
    state: fc.constantFrom(...ALARM_STATES),
    priority: fc.constantFrom(...PRIORITIES),
    siteId: fc.constantFrom('s1', 's2'),
    rule: fc.constantFrom('r1', 'r2'),
    drill: fc.boolean(),
    raisedAt: fc.nat(5),
    suppressionReasons: fc.constantFrom(
      [],
      ['enabled-when'],
      ['inhibited-by:gw/offline'],
      ['inhibited-by:x/y'],
    ),
  })
  .map((parts) => alarmOf(parts));
const named = (prefix: string, alarms: readonly Omit<Alarm, 'id'>[]): Alarm[] =>
  alarms.map((alarm, index) => ({ ...alarm, id: `${prefix}${index}` }));
/** Some groups are open: those of which the digest of the key is even. */
const someOf = (items: readonly Item[], which: number): ReadonlySet<string> =>
  new Set(groupsOf(items).flatMap(({ key }, index) => ((which >> (index % 16)) & 1 ? [key] : [])));

describe('whatever alarms there are', () => {
  const property = (check: (rows: readonly Row[], items: readonly Item[]) => void): void =>
    fc.assert(
      fc.property(
        fc.array(anyAlarm, { maxLength: 30 }),
        fc.array(anyAlarm, { maxLength: 6 }),
        fc.boolean(),
        fc.nat(65_535),
        (known, changed, isHeld, which) => {
          const held = named('a', known);
          // Some have changed since the list was held, some are over, some are new.
          const now = [
            ...named('a', [...changed, ...known.slice(changed.length + 2)]),
            ...named('n', changed),
          ];
          const rows = isHeld ? rowsOf(now, held.sort(compareAlarms)) : rowsOf(now);
          check(rows, itemsOf(rows, someOf(itemsOf(rows, NONE), which)));
        },
      ),
    );

  test('every alarm of the top class has a row of its own, in no group', () => {
    property((rows, items) => {
      const top = rows.filter(({ alarm }) => isTopClass(alarm)).map(({ alarm }) => alarm.id);
      const own = items.flatMap((item) => (item.kind === 'alarm' && !item.inGroup ? [item.key] : []));
      expect(own).toEqual(expect.arrayContaining(top));
      for (const { members } of groupsOf(items)) {
        for (const { alarm } of members) expect(['fire', 'entrapment']).not.toContain(alarm.class);
      }
    });
  });

  test('rows and members of groups are exactly the list, each once', () => {
    property((rows, items) => {
      expect(idsOf(items).sort()).toEqual(rows.map(({ alarm }) => alarm.id).sort());
      expect(alarmsIn(items)).toBe(rows.length);
      expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
    });
  });

  test('an open group shows each of its members beneath it; its lead is its highest', () => {
    property((_rows, items) => {
      for (const { key, members, lead, expanded, block } of groupsOf(items)) {
        const at = items.findIndex((item) => item.key === key);
        const beneath = items.slice(at + 1, at + 1 + members.length).map((item) => item.key);
        if (expanded) expect(beneath).toEqual(members.map(({ alarm }) => alarm.id));
        const present = members.filter(({ gone }) => !gone).map(({ alarm }) => priorityRank(alarm.priority));
        const isOneClass = new Set(members.map(({ alarm }) => alarm.class)).size === 1;
        if (present.length > 0 && isOneClass) expect(priorityRank(lead.priority)).toBe(Math.min(...present));
        for (const member of members) expect(member.block).toBe(block);
      }
    });
  });

  test('rows stand in the order of the list: nothing jumps over a row of its block', () => {
    property((rows, items) => {
      const firstOf = (item: Item): string | undefined =>
        item.kind === 'alarm' ? item.key : item.members[0]?.alarm.id;
      const order = new Map(rows.map(({ alarm }, index) => [alarm.id, index]));
      const places = items
        .filter((item) => item.kind === 'group' || !item.inGroup)
        .map((item) => order.get(firstOf(item) ?? '') ?? -1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    });
  });

  test('without grouping each alarm has its row', () => {
    property((rows) =>
      expect(singlesOf(rows).map(({ key }) => key)).toEqual(rows.map(({ alarm }) => alarm.id)),
    );
  });
});

import { expect, test } from '@jest/globals';
import { Random } from '../random.js';
import { ROOM_SCENARIOS } from './room-scenarios.js';

const steps = (key: string, seed = 'spec') =>
  ROOM_SCENARIOS.find((scenario) => scenario.key === key)?.steps(185, () => 17, new Random(seed)) ?? [];

test('all units alarm at one moment, each once', () => {
  const fires = steps('fire-all').filter(({ conditions }) => conditions?.includes('fire'));
  expect(new Set(fires.map(({ room }) => room)).size).toBe(185);
  expect(fires).toHaveLength(185);
  expect(new Set(fires.map(({ atMs }) => atMs))).toEqual(new Set([0]));
});

test.each(ROOM_SCENARIOS.map(({ key }) => key))(
  '%s: in order, of rooms and components that are there, and over in the end',
  (key) => {
    const all = steps(key);
    expect(all.length).toBeGreaterThan(0);
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).sort((a, b) => a - b));
    const left = new Map<string, boolean>();
    for (const { room, component, conditions } of all) {
      expect(room).toBeLessThan(185);
      expect(component ?? 0).toBeLessThan(17);
      if (component !== undefined) left.set(`${room}/${component}`, (conditions ?? []).length > 0);
      else for (const name of left.keys()) if (name.startsWith(`${room}/`)) left.set(name, false);
    }
    expect([...left.values()]).not.toContain(true);
  },
);

test.each(ROOM_SCENARIOS.map(({ key }) => key))('%s: the same with the same seed', (key) => {
  expect(steps(key)).toEqual(steps(key));
  expect(steps(key)).not.toEqual(steps(key, 'another'));
});

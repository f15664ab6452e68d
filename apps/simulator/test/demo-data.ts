import { type DemoDevice, type DemoSimulation, type Profile, type ProfilePoint } from '@watchfire/catalogue';

const text = { zh: '测试', en: 'test' };

export function aPoint(key: string, more: Partial<ProfilePoint> = {}): ProfilePoint {
  return { key, name: text, unit: null, type: 'number', ...more };
}

export function aProfile(points: readonly ProfilePoint[], more: Partial<Profile> = {}): Profile {
  const about = { key: 'test', version: 1, name: text };
  const none = { logic: false, roles: [], events: {}, rules: [] };
  const file = { ...about, ...none, sources: {}, points: [] };
  return { ...about, ...none, points, attributes: [], provenance: [], file, ...more };
}

export function aDevice(simulation: Partial<DemoSimulation>, id = 'dev-1'): DemoDevice {
  return {
    id,
    site: 'site-1',
    profile: 'test',
    name: id,
    simulation: { publishSeconds: 10, signals: {}, states: {}, routine: [], ...simulation },
  };
}

import { describe, expect, it } from '@jest/globals';
import { FireCounters, GatewayCounters } from '@watchfire/gateway';
import { fireSources } from './fire-metrics.js';
import { metricSources, type MeasuredParts } from './metrics.js';

/** What the figures that are not the gateway's are read from is never asked here. */
const parts = (counters: GatewayCounters): MeasuredParts =>
  ({
    counters,
    fireCounters: new FireCounters(),
    commissioning: { provisioning: { counts: {} } },
  }) as unknown as MeasuredParts;

const MARK = 4_711;

/** Sets one counter and nothing else. */
function marked<C extends object>(name: string, counters: C): C {
  const own = counters as unknown as Record<string, unknown>;
  if (typeof own[name] === 'number') own[name] = MARK;
  else (own[name] as Record<string, number>)['a_code'] = MARK;
  return counters;
}

function values({ read }: ReturnType<typeof metricSources>[number]): readonly number[] {
  try {
    const reading = read();
    return typeof reading === 'number' ? [reading] : reading.map(({ value }) => value);
  } catch {
    return [];
  }
}

describe('[R7] /metrics', () => {
  it.each(Object.keys(new GatewayCounters()))('tells what the front door counts as %s', (name) => {
    const telling = metricSources(parts(marked(name, new GatewayCounters()))).filter((source) =>
      values(source).includes(MARK),
    );
    expect(telling.map((source) => source.name)).toHaveLength(1);
  });

  it.each(Object.keys(new FireCounters()))('tells what the fire door counts as %s', (name) => {
    const telling = fireSources(marked(name, new FireCounters())).filter((source) =>
      values(source).includes(MARK),
    );
    expect(telling).toHaveLength(1);
  });

  it('has each name once', () => {
    const names = metricSources(parts(new GatewayCounters())).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

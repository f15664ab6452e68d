import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../test/manual-clock.js';
import { Random } from '../random.js';
import { DeviceClient } from './device-client.js';
import { DeviceLink, type LinkEvents } from './device-link.js';
import { Scheduler } from './scheduler.js';

interface Published {
  readonly topic: string;
  readonly payload: unknown;
  acknowledge(): Promise<void>;
}

/** A line that the test pulls and puts back. */
class TestLink extends DeviceLink {
  attempts = 0;
  events: LinkEvents | undefined;
  published: Published[] = [];

  connect(events: LinkEvents): void {
    this.attempts++;
    this.events = events;
  }

  publish(topic: string, payload: string): Promise<void> {
    return new Promise((resolve) => {
      const acknowledge = async (): Promise<void> => {
        resolve();
        await settled();
      };
      this.published.push({ topic, payload: JSON.parse(payload), acknowledge });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  take(): Published[] {
    return this.published.splice(0);
  }
}

/** All promises that can go on have gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const values = (conc: number): { conc: number } => ({ conc });
const seqs = (published: readonly Published[]): unknown[] =>
  published.flatMap(({ payload }) => payload as { seq: number }[] | { seq: number }).map(({ seq }) => seq);

describe('DeviceClient', () => {
  let clock: ManualClock;
  let link: TestLink;
  let client: DeviceClient;
  let acknowledged: number;
  const lost: string[] = [];

  beforeEach(() => {
    clock = new ManualClock();
    link = new TestLink();
    acknowledged = 0;
    lost.length = 0;
    client = new DeviceClient(
      { deviceId: 'dev-1', boot: 'boot-1', random: new Random('x') },
      link,
      new Scheduler(clock),
      {
        connected: () => undefined,
        disconnected: (_, reason) => lost.push(reason),
        acknowledged: (messages) => (acknowledged += messages),
        refused: () => undefined,
      },
    );
    client.start();
  });

  test('numbers what it says and says it at once', () => {
    link.events?.up();
    client.telemetry(1_000, values(1));
    client.telemetry(2_000, values(2));
    client.event(2_500, 'alarm_button');
    expect(link.take().map(({ topic, payload }) => [topic, payload])).toEqual([
      ['watchfire/v1/devices/dev-1/telemetry', { values: values(1), ts: 1_000, seq: 1, boot: 'boot-1' }],
      ['watchfire/v1/devices/dev-1/telemetry', { values: values(2), ts: 2_000, seq: 2, boot: 'boot-1' }],
      ['watchfire/v1/devices/dev-1/events', { event: 'alarm_button', ts: 2_500 }],
    ]);
  });

  test('fills the gap in order and marked, starting with what was never acknowledged', async () => {
    link.events?.up();
    client.telemetry(1_000, values(1));
    await link.take()[0]?.acknowledge();
    client.telemetry(2_000, values(2));
    link.take();
    link.events?.down('cut');
    client.telemetry(3_000, values(3));
    client.event(3_500, 'alarm_button');
    client.telemetry(4_000, values(4));
    expect(link.take()).toEqual([]);

    clock.pass(2_000);
    expect(link.attempts).toBe(2);
    link.events?.up();
    const filled: unknown[] = [];
    for (let [next] = link.take(); next !== undefined; [next] = link.take()) {
      filled.push(next.payload);
      await next.acknowledge();
    }
    const old = (ts: number, n: number): object => ({
      values: values(n),
      ts,
      seq: n,
      boot: 'boot-1',
      hist: true,
    });
    expect(filled).toEqual([
      [old(2_000, 2), old(3_000, 3)],
      { event: 'alarm_button', ts: 3_500 },
      [old(4_000, 4)],
    ]);
    expect([client.waiting, acknowledged]).toEqual([0, 5]);
  });

  test('the present does not wait for the past', async () => {
    for (let n = 1; n <= 120; n++) client.telemetry(n, values(n));
    link.events?.up();
    client.telemetry(1_000, values(0));
    const [past, present] = link.take();
    expect(seqs(past === undefined ? [] : [past])).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(present?.payload).toEqual({ values: values(0), ts: 1_000, seq: 121, boot: 'boot-1' });
    await past?.acknowledge();
    expect(seqs(link.take())[0]).toBe(51);
  });

  test('a line that goes during the back-fill loses nothing and repeats only what was under way', async () => {
    for (let n = 1; n <= 120; n++) client.telemetry(n, values(n));
    link.events?.up();
    await link.take()[0]?.acknowledge();
    link.take();
    link.events?.down('cut');
    clock.pass(10_000);
    link.events?.up();
    const seen: unknown[] = [];
    for (let batch = link.take(); batch.length > 0; batch = link.take()) {
      seen.push(...seqs(batch));
      await batch[0]?.acknowledge();
    }
    expect(seen).toEqual(Array.from({ length: 70 }, (_, i) => i + 51));
  });

  test('a server that takes connections and acknowledges nothing gets no more than it can', async () => {
    link.events?.up();
    for (let n = 1; n <= 500; n++) client.telemetry(n, values(n));
    const underWay = link.take();
    expect(underWay).toHaveLength(100);
    for (const published of underWay) await published.acknowledge();
    for (let batch = link.take(); batch.length > 0; batch = link.take())
      for (const published of batch) await published.acknowledge();
    expect([client.waiting, acknowledged]).toEqual([0, 500]);
  });

  test('tries again later and later, and says only once that the line is gone', () => {
    const attemptedAt: number[] = [];
    for (let i = 0; i < 9; i++) {
      const before = link.attempts;
      link.events?.down('refused');
      while (link.attempts === before) clock.pass(100);
      attemptedAt.push(clock.now());
    }
    const pauses = attemptedAt.slice(1).map((at, i) => at - (attemptedAt[i] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(46_000);
    expect(pauses.at(-1)).toBeGreaterThan(14_000);
    expect(lost).toEqual(['refused']);
  });
});

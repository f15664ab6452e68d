import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@watchfire/testing';
import { encodeRecord } from './append-encoding.js';
import { AppendQueue } from './append-queue.js';
import { MAX_COMMIT_RECORDS } from './commit-format.js';

let clock: ManualClock;
let queue: AppendQueue;

beforeEach(() => {
  clock = new ManualClock();
  const { monotonicMs } = clock;
  queue = new AppendQueue({
    maxWaitingRecords: 50_000,
    maxWaitingBytes: 2 ** 20,
    maxWaitingMs: 250,
    monotonicMs,
  });
});

function add(count = 1): void {
  const nothing = (): void => undefined;
  const append = { ...encodeRecord({ kind: 'tick' }), count: count as 1 };
  queue.add({ append, at: 0, since: clock.monotonicMs(), resolve: nothing, reject: nothing });
}

/** Whether it has resolved by now. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((next) => setImmediate(next));
  return done;
}

describe('append queue', () => {
  it('[JN7] is saturated from when its oldest has waited too long until that is settled', async () => {
    add();
    clock.advance(249);
    expect(queue.saturated()).toBe(false);
    clock.advance(1);
    expect(queue.saturated()).toBe(true);
    const batch = queue.take();
    add();
    expect(queue.saturated()).toBe(true);
    const drained = queue.drained();
    expect(await settled(drained)).toBe(false);
    queue.release(batch);
    expect(queue.saturated()).toBe(false);
    expect(await settled(drained)).toBe(true);
  });

  it('[JN7] stays so when what came during the commit has waited too long as well', async () => {
    add();
    const first = queue.take();
    clock.advance(100);
    add();
    clock.advance(250);
    const drained = queue.drained();
    queue.release(first);
    expect(queue.saturated()).toBe(true);
    expect(await settled(drained)).toBe(false);
    queue.release(queue.take());
    expect(queue.saturated()).toBe(false);
    expect(await settled(drained)).toBe(true);
  });

  it('[JN2] never divides a batch between commits', () => {
    for (const count of [2_000, 2_000, 97, 4_000, 96, 1]) add(count);
    const commits: number[][] = [];
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
      commits.push(batch.map(({ append }) => append.count));
      queue.release(batch);
    }
    expect(commits).toEqual([[2_000, 2_000], [97], [4_000, 96], [1]]);
    expect(Math.max(...commits.map((counts) => counts.reduce((a, b) => a + b)))).toBe(MAX_COMMIT_RECORDS);
    expect([queue.records, queue.bytes]).toEqual([0, 0]);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from './clock.js';
import { Ticker } from './ticker.js';

/** The clock of jest's fake timers, so that waiting and reading the time agree. */
class FakeTimersClock extends Clock {
  override now(): number {
    return Date.now();
  }
  override monotonicMs(): number {
    return Date.now();
  }
}

describe('ticker', () => {
  const clock = new FakeTimersClock();
  let ticks: number[];
  let next: () => number | undefined;
  let failures: number;
  let ticker: Ticker;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    ticks = [];
    next = () => undefined;
    failures = 0;
    ticker = new Ticker(clock, () => {
      if (failures-- > 0) return Promise.reject(new Error('disk full'));
      ticks.push(Date.now());
      ticker.schedule(next());
      return Promise.resolve();
    });
  });
  afterEach(() => {
    ticker.stop();
    jest.useRealTimers();
  });

  it('ticks when the deadline is due, not before', async () => {
    ticker.schedule(1_005_000);
    await jest.advanceTimersByTimeAsync(4_999);
    expect(ticks).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(ticks).toEqual([1_005_000]);
  });

  it('follows a deadline that moves', async () => {
    ticker.schedule(1_005_000);
    ticker.schedule(1_002_000);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(ticks).toEqual([1_002_000]);
    ticker.schedule(undefined);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ticks).toHaveLength(1);
  });

  it('goes on to the deadline that the tick has left', async () => {
    next = () => (ticks.length < 3 ? Date.now() + 1_000 : undefined);
    ticker.schedule(1_001_000);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(ticks).toEqual([1_001_000, 1_002_000, 1_003_000]);
  });

  it('tries again when the journal refuses', async () => {
    failures = 2;
    ticker.schedule(1_001_000);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(ticks).toEqual([1_003_000]);
  });

  it('reads what the sockets have buffered before it judges silence after a freeze', async () => {
    ticker.schedule(1_001_000);
    jest.setSystemTime(1_061_000); // The process stood still for a minute.
    await jest.advanceTimersByTimeAsync(1_000);
    expect(ticks).toEqual([]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(ticks).toHaveLength(1);
  });

  it('does nothing once stopped', async () => {
    ticker.schedule(1_001_000);
    ticker.stop();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(ticks).toEqual([]);
  });
});

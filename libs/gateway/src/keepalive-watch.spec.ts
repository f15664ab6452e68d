import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { directoryDevice } from './directory.js';
import { KeepaliveWatch } from './keepalive-watch.js';
import { gatewayLimits } from './limits.js';
import { Session, Sessions, type Line } from './session.js';
import { Speaker } from './speaker.js';

let now: number;
let sessions: Sessions;
let watch: KeepaliveWatch;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance'] });
  now = 0;
  sessions = new Sessions();
  watch = new KeepaliveWatch(sessions, () => now);
});
afterEach(() => {
  watch.stop();
  jest.useRealTimers();
});

function speaker(id: string): Speaker {
  const device = directoryDevice({ id, disabled: false, credentials: [] }, { points: [], events: {} });
  return new Speaker(device, gatewayLimits.decode);
}
function client(silenceLimitMs: number, isHeldBack = false): { line: Line; cuts: string[] } {
  const cuts: string[] = [];
  const line: Line = {
    address: '127.0.0.1',
    lastByteAt: now,
    isHeldBack,
    isOpen: true,
    writableLength: 0,
    write: () => undefined,
    settle: () => undefined,
    pause: () => undefined,
    cut: (reason) => cuts.push(reason),
  };
  sessions.add(
    new Session(
      line,
      speaker(`device-${silenceLimitMs}`),
      `client-${silenceLimitMs}`,
      silenceLimitMs,
      undefined,
    ),
  );
  return { line, cuts };
}
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    now += 1_000;
    jest.advanceTimersByTime(1_000);
  }
}

describe('[IN20] the keep-alive watch', () => {
  it('cuts a client at the first look after its limit, and not before', () => {
    const { cuts } = client(15_000);
    pass(15_000);
    expect(cuts).toEqual([]);
    pass(1_000);
    expect(cuts).toEqual(['keepalive_timeout']);
  });

  it('counts from the last byte', () => {
    const { line, cuts } = client(15_000);
    pass(10_000);
    line.lastByteAt = now;
    pass(15_000);
    expect(cuts).toEqual([]);
  });

  it('judges nobody right after the process stood still, and the silent at the next look', () => {
    const silent = client(15_000);
    const talking = client(16_000);
    now += 60_000;
    jest.advanceTimersByTime(1_000);
    expect([silent.cuts, talking.cuts]).toEqual([[], []]);
    talking.line.lastByteAt = now;
    pass(1_000);
    expect([silent.cuts, talking.cuts]).toEqual([['keepalive_timeout'], []]);
  });

  it('does not blame a client for silence that is ours', () => {
    const { line, cuts } = client(15_000, true);
    pass(60_000);
    Object.assign(line, { isHeldBack: false });
    pass(15_000);
    expect(cuts).toEqual([]);
  });
});

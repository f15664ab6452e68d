import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type HistorySample } from '../history.js';
import { TIERS } from '../roll-up.js';
import { RollUpState } from './roll-up-state.js';

const { minutes: MINUTE, hours: HOUR } = TIERS;
const T0 = 1_751_997_600_000;

const sample = (ts: number, receivedAt = ts, pointId = 'd.p'): HistorySample => ({
  pointId,
  deviceId: 'd',
  ts,
  receivedAt,
  value: 1,
  quality: 'good',
});

/** Everything that time has passed is rolled up. */
function rollUp(state: RollUpState, now: number): void {
  state.close(now);
  for (const tier of ['minutes', 'hours'] as const) {
    for (let due = state.due(tier, HOUR); due; due = state.due(tier, HOUR)) state.done(tier, due.to);
  }
}

describe('what is rolled up', () => {
  it('[HI32] is nothing at first, and then what time has passed, whole windows', () => {
    const state = new RollUpState();
    expect(state.close(T0)).toBe(false);
    expect(state.saved()).toBeUndefined();
    expect(state.parts('minutes', 'd.p', T0, T0 + HOUR)).toEqual([
      { isRolledUp: false, from: T0, to: T0 + HOUR },
    ]);
    state.note([], [sample(T0 + 5), sample(T0 + 2 * HOUR + 90_000)]);
    // The clock says what can have been received.
    expect(state.close(T0 + 20_000)).toBe(false);
    rollUp(state, T0 + 10 * HOUR);
    const end = T0 + 2 * HOUR + MINUTE;
    expect(state.parts('minutes', 'd.p', T0 - HOUR, T0 + 5 * HOUR)).toEqual([
      { isRolledUp: false, from: T0 - HOUR, to: T0 },
      { isRolledUp: true, from: T0, to: end },
      { isRolledUp: false, from: end, to: T0 + 5 * HOUR },
    ]);
    expect(state.parts('hours', 'd.p', T0, T0 + HOUR + 5)).toEqual([
      { isRolledUp: true, from: T0, to: T0 + HOUR },
      { isRolledUp: false, from: T0 + HOUR, to: T0 + HOUR + 5 },
    ]);
  });

  it('[HI32] is not what samples came late for, until that was mended, and over a restart', () => {
    let state = new RollUpState();
    state.note([], [sample(T0), sample(T0 + 3 * HOUR)]);
    rollUp(state, T0 + 10 * HOUR);
    const late = sample(T0 + HOUR + 5 * MINUTE + 7, T0 + 3 * HOUR);
    expect(state.note([], [late])).toBe(true);
    expect(state.note([], [late])).toBe(false);
    // On the way still: it is late, and not to be mended.
    expect(state.takeLate().size).toBe(0);
    state.mended(true);
    expect(state.parts('hours', 'd.p', T0, T0 + 2 * HOUR)).toHaveLength(2);
    state.close(0);
    expect(state.note([], [late])).toBe(false);
    state.close(0);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(state.parts('hours', 'd.p', T0, T0 + 2 * HOUR)).toEqual([
        { isRolledUp: true, from: T0, to: T0 + HOUR },
        { isRolledUp: false, from: T0 + HOUR, to: T0 + 2 * HOUR },
      ]);
      expect(state.parts('minutes', 'd.p', T0, T0 + 2 * HOUR)).toHaveLength(3);
      expect(state.parts('minutes', 'd.other', T0, T0 + 2 * HOUR)).toHaveLength(1);
      if (turn === 0) state.takeLate();
      if (turn === 1) state = new RollUpState(state.saved());
    }
    state.takeLate();
    // Again while it is being mended.
    state.note([], [late]);
    state.close(0);
    state.mended(true);
    expect(state.parts('hours', 'd.p', T0, T0 + 2 * HOUR)).toHaveLength(2);
    state.takeLate();
    state.mended(false);
    expect(state.lateMinutes).toBe(1);
    state.takeLate();
    state.mended(true);
    expect(state.parts('hours', 'd.p', T0, T0 + 2 * HOUR)).toHaveLength(1);
  });

  it('[HI32] stays as it is where the samples may be gone', () => {
    const state = new RollUpState();
    state.note([], [sample(T0), sample(T0 + 3 * HOUR)]);
    rollUp(state, T0 + 10 * HOUR);
    state.keptSince = T0 + HOUR;
    expect(state.note([], [sample(T0 + 5, T0 + 3 * HOUR)])).toBe(false);
    expect(state.note([], [sample(T0 + HOUR, T0 + 3 * HOUR)])).toBe(true);
  });

  it('[HI32] is what begins to be rolled up when it comes late for that, done or not', () => {
    const state = new RollUpState();
    state.note([], [sample(T0), sample(T0 + HOUR)]);
    expect(state.close(T0 + HOUR)).toBe(true);
    expect(state.note([], [sample(T0 + MINUTE, T0 + HOUR)])).toBe(true);
    // Also by a process that takes over what was begun.
    const next = new RollUpState(state.saved());
    expect(next.note([], [sample(T0 + 2 * MINUTE, T0 + HOUR)])).toBe(true);
  });

  it('[HI32] is cut into parts that follow each other without a gap, and few of them', () => {
    const late = fc.array(fc.nat(30 * 60), { maxLength: 80 });
    const tier = fc.constantFrom('minutes' as const, 'hours' as const);
    fc.assert(
      fc.property(late, tier, fc.nat(40), fc.nat(40 * 60), (minutes, of, fromHour, length) => {
        const state = new RollUpState();
        state.note([], [sample(T0), sample(T0 + 20 * HOUR)]);
        rollUp(state, T0 + 100 * HOUR);
        state.note(
          [],
          minutes.map((minute) => sample(T0 + minute * MINUTE, T0 + 20 * HOUR)),
        );
        const [from, to] = [T0 + (fromHour - 5) * HOUR, T0 + (fromHour - 5) * HOUR + length * MINUTE + 7];
        const parts = state.parts(of, 'd.p', from, to);
        expect(parts.length).toBeLessThanOrEqual(50);
        expect(parts[0]?.from).toBe(from);
        expect(parts.at(-1)?.to).toBe(to);
        for (const [index, part] of parts.entries()) {
          expect(part.to).toBeGreaterThan(part.from);
          if (index > 0) expect(part.from).toBe(parts[index - 1]!.to);
          if (!part.isRolledUp) continue;
          expect(part.from % TIERS[of]).toBe(0);
          expect(part.to % TIERS[of]).toBe(0);
          for (const minute of minutes) {
            const time = T0 + minute * MINUTE;
            expect(time >= part.from && time < part.to && time < T0 + 20 * HOUR).toBe(false);
          }
        }
      }),
    );
  });

  it('[HI32] remembers a bounded number of late windows: then those of all points are late', () => {
    const state = new RollUpState();
    state.note([], [sample(T0), sample(T0 + 3 * HOUR)]);
    rollUp(state, T0 + 10 * HOUR);
    for (let point = 0; point < 100; point += 1) {
      const name = `d.p${point}`;
      const times = Array.from({ length: 1_100 }, (_, n) => T0 + (n % 61) * MINUTE);
      state.note(
        [],
        times.map((ts) => sample(ts, T0 + 3 * HOUR, name)),
      );
      state.close(0);
    }
    expect(state.lateMinutes).toBe(6_100);
    const many = Array.from({ length: 100_000 }, (_, n) =>
      sample(T0 + (n % 61) * MINUTE, T0, `e.p${Math.floor(n / 61)}`),
    );
    state.note([], many);
    state.close(0);
    expect(state.lateMinutes).toBeLessThan(10_000);
    for (const point of ['d.p5', 'never.late']) {
      expect(state.parts('minutes', point, T0, T0 + 2 * HOUR)).toEqual([
        { isRolledUp: false, from: T0, to: T0 + 61 * MINUTE },
        { isRolledUp: true, from: T0 + 61 * MINUTE, to: T0 + 2 * HOUR },
      ]);
    }
    const next = new RollUpState(state.saved());
    expect(next.parts('hours', 'never.late', T0, T0 + 2 * HOUR)).toMatchObject([{ isRolledUp: false }]);
    next.takeLate();
    next.mended(true);
    expect(next.parts('hours', 'never.late', T0, T0 + 2 * HOUR)).toMatchObject([{ isRolledUp: true }]);
  });
});

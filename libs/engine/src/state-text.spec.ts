import { describe, expect, it } from '@jest/globals';
import { AlarmEngine } from '@watchfire/alarm';
import { type AlarmAct, alarmHistory, engineInputOf, TIMELINE_START } from '@watchfire/testing';
import fc from 'fast-check';
import { LiveState } from './live-state.js';
import { type HostState, parseState, stateText } from './state-text.js';

function engineAfter(acts: readonly (readonly [number, AlarmAct])[]): AlarmEngine {
  const engine = AlarmEngine.create();
  let now = TIMELINE_START;
  for (const [index, [stepMs, act]] of acts.entries()) {
    now += stepMs;
    const input = engineInputOf(act, now, [...engine.alarms()], new Map());
    engine.apply({ offset: index + 1, at: now, input });
  }
  return engine;
}

function inOneGo(state: HostState): unknown {
  return JSON.parse(JSON.stringify(state));
}

const throughText = (state: HostState): HostState => parseState(Buffer.from([...stateText(state)].join('')));

describe('the state as text', () => {
  it('is the same in pieces as in one go, whatever happened', () => {
    fc.assert(
      fc.property(alarmHistory, (acts) => {
        const state = { engine: engineAfter(acts).snapshot(), live: LiveState.restore(undefined).snapshot() };
        expect(throughText(state)).toEqual(inOneGo(state));
      }),
      { numRuns: 50 },
    );
  });

  it('is so where a list is longer than a piece, or is not there', () => {
    const latest = Array.from({ length: 2_500 }, (_, index) => ({
      pointId: `d.p${index}`,
      value: index,
      quality: 'good' as const,
      ts: index,
      receivedAt: index,
    }));
    const engine = AlarmEngine.create().snapshot();
    const full: HostState = { engine, live: { ...LiveState.restore(undefined).snapshot(), latest } };
    expect(throughText(full)).toEqual(inOneGo(full));
    const bare: HostState = { engine, live: { latest: [], connections: [] } };
    expect(throughText(bare)).toEqual({ ...bare, live: { ...bare.live, sequences: [] } });
    expect([...stateText(full)].every((piece) => piece.length < 200_000)).toBe(true);
  });
});

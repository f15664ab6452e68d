import { describe, expect, it } from '@jest/globals';
import { type DeviceCommandRow, type DutyAnswer } from '@watchfire/registry';
import { dutyVerdicts } from './duty-verdicts.js';

const MINUTE = 60_000;
const T = 1_800_000_000_000;
const asked = (id: string, more: Partial<DeviceCommandRow> = {}): DeviceCommandRow => ({
  ...{ id, deviceId: 'room', command: 'duty_check', params: {}, actor: 'demo', reason: 'night' },
  ...{ createdAt: T - 1_000, expires: T + MINUTE, replyTimeoutMs: MINUTE, offset: 1, state: 'succeeded' },
  ...{ sentAt: T, endedAt: T + 2_000, cancelledBy: null, message: null, reply: null, revision: 3 },
  ...more,
});
const pressed = (at: number, deviceId = 'room'): DutyAnswer => ({ deviceId, at, operator: 7, offset: at });
const verdicts = (commands: DeviceCommandRow[], answers: DutyAnswer[], now: number) =>
  dutyVerdicts(commands, answers, now).map(({ id, verdict }) => `${id} ${verdict ?? 'open'}`);

describe('[FI24] duty checks on record', () => {
  it('are open until their minutes and the grace are over, and then absent', () => {
    expect(verdicts([asked('a')], [], T + 12 * MINUTE)).toEqual(['a open']);
    expect(verdicts([asked('a')], [], T + 12 * MINUTE + 1)).toEqual(['a absent']);
    const short = asked('a', { params: { minutes: 1 } });
    expect(verdicts([short], [], T + 3 * MINUTE + 1)).toEqual(['a absent']);
  });

  it('are present when the key of the same device was pressed in time', () => {
    const [view] = dutyVerdicts([asked('a')], [pressed(T + 3 * MINUTE)], T + 60 * MINUTE);
    expect(view).toEqual({
      ...{ id: 'a', deviceId: 'room', askedBy: 'demo', reason: 'night', requestedAt: T - 1_000, askedAt: T },
      ...{ closesAt: T + 12 * MINUTE, verdict: 'present', answeredAt: T + 3 * MINUTE, operator: 7 },
      ...{ minutes: 10, lateAt: null },
    });
    const others = [pressed(T - 1), pressed(T + MINUTE, 'other'), pressed(T + 12 * MINUTE + 1)];
    expect(verdicts([asked('a')], others, T + 60 * MINUTE)).toEqual(['a absent']);
  });

  it('are answered by one press of the key all that are open, each judged once', () => {
    const later = { sentAt: T + 5 * MINUTE, endedAt: T + 5 * MINUTE + 2_000 };
    const commands = [asked('b', later), asked('a')];
    expect(verdicts(commands, [pressed(T + 6 * MINUTE)], T + 60 * MINUTE)).toEqual([
      'b present',
      'a present',
    ]);
    expect(verdicts(commands, [pressed(T + 13 * MINUTE)], T + 60 * MINUTE)).toEqual([
      'b present',
      'a absent',
    ]);
    expect(verdicts(commands, [pressed(T + MINUTE)], T + 60 * MINUTE)).toEqual(['b absent', 'a present']);
  });

  it('say nothing of the guard when the device never had them', () => {
    const unsent = { sentAt: null, endedAt: T + MINUTE, state: 'expired' } as const;
    const waiting = { sentAt: null, endedAt: null, state: 'accepted' } as const;
    const silent = { state: 'timed-out', endedAt: T + MINUTE } as const;
    const commands = [asked('a', unsent), asked('b', waiting), asked('c', silent)];
    expect(verdicts(commands, [], T + 60 * MINUTE)).toEqual(['a undelivered', 'b open', 'c undelivered']);
  });

  it('[FI15] are present when the key was pressed in time, although the device never confirmed them, or denied them', () => {
    for (const state of ['timed-out', 'failed'] as const) {
      const silent = { state, endedAt: T + MINUTE };
      for (const at of [T + 30_000, T + MINUTE, T + 2 * MINUTE, T + 12 * MINUTE])
        expect(verdicts([asked('c', silent)], [pressed(at)], T + 60 * MINUTE)).toEqual(['c present']);
      expect(verdicts([asked('c', silent)], [], T + 12 * MINUTE)).toEqual(['c open']);
      const tooLate = [pressed(T + 12 * MINUTE + 1)];
      expect(verdicts([asked('c', silent)], tooLate, T + 60 * MINUTE)).toEqual(['c undelivered']);
    }
  });

  it('[FI28] stay absent when the key was pressed too late, which is on record once', () => {
    const presses = [pressed(T + 13 * MINUTE), pressed(T + 14 * MINUTE)];
    const [view] = dutyVerdicts([asked('a')], presses, T + 60 * MINUTE);
    expect(view).toMatchObject({ verdict: 'absent', answeredAt: null, lateAt: T + 13 * MINUTE, operator: 7 });
    // It answers what is open, and then nothing of what is closed.
    const later = { sentAt: T + 12 * MINUTE + 30_000, endedAt: T + 12 * MINUTE + 40_000 };
    const both = dutyVerdicts([asked('b', later), asked('a')], presses, T + 60 * MINUTE);
    expect(both.map(({ verdict, lateAt }) => [verdict, lateAt])).toEqual([
      ['present', null],
      ['absent', null],
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type HistoryAlarmEvent, type HistorySample } from '../history.js';
import { alarmEventLine, eventTime, sampleLine } from './line-protocol.js';
import { inRequests } from './requests.js';

const sample = (more: Partial<HistorySample> = {}): HistorySample => ({
  pointId: 'gas-17.conc',
  deviceId: 'gas-17',
  ts: 1_735_689_600_100,
  receivedAt: 1_735_689_600_123,
  value: 12,
  quality: 'good',
  ...more,
});

const wild = fc.string({ unit: fc.constantFrom(',', '=', ' ', '\\', '\n', '"', 'a', '气') });

const event: HistoryAlarmEvent = {
  seq: 8_000_812,
  eventId: '91-0',
  alarmId: 'a-17',
  type: 'raised',
  at: 1_735_689_600_140,
  actor: 'system',
  comment: null,
  alarm: {
    id: 'a-17',
    deviceId: 'gas-17',
    siteId: 's9',
    enterpriseId: 'e1',
    class: 'gas',
    state: 'UNACK',
    severity: 900,
    raisedAt: 1_735_689_600_100,
  },
};

describe('line protocol', () => {
  it('[HI19] writes every number as a float, and a boolean also as a number', () => {
    expect(sampleLine(sample())).toBe(
      'telemetry,device=gas-17,point=gas-17.conc q=0i,rx=1735689600123i,v=12 1735689600100000000',
    );
    expect(sampleLine(sample({ value: true, quality: 'bad' }))).toContain(
      ' b=true,q=2i,rx=1735689600123i,v=1 ',
    );
  });

  it('[HI19] writes one line a transition, its time made unique by the sequence number', () => {
    expect(alarmEventLine(event)).toBe(
      'alarm_event,class=gas,device=gas-17,enterprise=e1,site=s9 ' +
        'actor="system",alarm="{\\"id\\":\\"a-17\\",\\"deviceId\\":\\"gas-17\\",\\"siteId\\":\\"s9\\",\\"enterpriseId\\":\\"e1\\",' +
        '\\"class\\":\\"gas\\",\\"state\\":\\"UNACK\\",\\"severity\\":900,\\"raisedAt\\":1735689600100}",' +
        'alarm_id="a-17",at=1735689600140i,ev="raised",event_id="91-0",raised_at=1735689600100i,seq=8000812i,' +
        'severity=900,state="UNACK" 1735689600140000812',
    );
    expect(eventTime({ at: 5, seq: 1_000_000 })).toBe('5000000');
  });

  it('[HI19] keeps tags in their place whatever they hold', () => {
    fc.assert(
      fc.property(wild, (deviceId) => {
        const bare = sampleLine(sample({ deviceId })).replace(/\\./gs, '');
        // Outside of escapes there are two blanks: before the fields and before the time.
        expect(bare.split(' ')).toHaveLength(3);
        expect(bare).not.toContain('\n');
        expect(bare.split(',point=')).toHaveLength(2);
      }),
    );
  });

  it('[HI19] quotes text so that it can be read back', () => {
    fc.assert(
      fc.property(wild, (value) => {
        const quoted = /,s="(.*)" \d+$/s.exec(sampleLine(sample({ value })))?.[1];
        expect(quoted?.replace(/\\(["\\])/g, '$1')).toBe(value);
      }),
    );
  });

  it('cuts lines into requests of bounded size, in order and without loss', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_500_000), { maxLength: 12 }), fc.nat(12_000), (lengths, short) => {
        const lines = [
          ...lengths.map((length) => 'x'.repeat(length)),
          ...Array.from({ length: short }, () => 'y'),
        ];
        const requests = [...inRequests(lines)];
        expect(requests.flat().length).toBe(lines.length);
        for (const request of requests) {
          const characters = request.reduce((sum, line) => sum + line.length, 0);
          expect(request.length).toBeGreaterThan(0);
          expect(request.length).toBeLessThanOrEqual(5_000);
          expect(request.length === 1 || characters <= 4_000_000).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

import { type Alarm, type AlarmEventType, type AlarmState } from '@watchfire/contracts';
import { type AlarmMessage } from '../alarm-set.js';

const acked: readonly AlarmState[] = ['NORM', 'ACKED', 'LATAK'];
const active: readonly AlarmState[] = ['UNACK', 'ACKED'];

/** An alarm for specs: consistent with its `state`, everything else can be said. */
export function alarmOf(parts: Partial<Alarm>): Alarm {
  const state = parts.state ?? 'UNACK';
  return {
    id: 'a',
    eventId: '1-0',
    pointId: 'gas-1.conc',
    deviceId: 'gas-1',
    siteId: 'site-1',
    enterpriseId: 'enterprise-1',
    gridCode: '320106001',
    deviceName: '1号可燃气体探测器',
    siteName: '罐区',
    enterpriseName: '示例企业',
    class: 'gas',
    rule: 'conc',
    ruleVersion: 1,
    level: 'H',
    severity: 700,
    liveSeverity: 700,
    priority: 'orange',
    state,
    active: active.includes(state),
    acked: acked.includes(state),
    latched: state === 'LATUN' || state === 'LATAK',
    retain: state !== 'NORM',
    confirmed: true,
    silencedUntil: null,
    reAlarmCount: 0,
    reAlarmAt: null,
    restatedAt: null,
    firstInGroup: false,
    chattering: 0,
    fleeting: false,
    flood: null,
    shelving: state === 'SHLVD' ? 'timed' : 'unshelved',
    shelvedUntil: null,
    suppressed: state === 'DSUPR',
    suppressionReasons: [],
    calculated: false,
    outOfService: state === 'OOSRV',
    outOfServiceUntil: null,
    olderOccurrences: [],
    quality: 'good',
    value: 27,
    limit: 25,
    unit: '%LEL',
    raisedAt: 1_000,
    receivedAt: 1_000,
    clearedAt: null,
    ackedAt: null,
    ackedBy: null,
    message: '可燃气体浓度高',
    messageEn: 'Combustible gas high',
    drill: false,
    ...parts,
  };
}

export function messageOf(offset: number, alarm: Alarm, type: AlarmEventType = 'raised'): AlarmMessage {
  return {
    offset,
    event: {
      offset,
      eventId: alarm.eventId,
      alarmId: alarm.id,
      type,
      at: offset,
      actor: 'system',
      comment: null,
      annunciation: 'none',
    },
    alarm,
  };
}

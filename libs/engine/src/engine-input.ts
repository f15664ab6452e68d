import { type EngineInput, type Sample } from '@watchfire/alarm';
import { type JournalRecord, type SampleTuple } from '@watchfire/journal';

/** What a record means to the alarm engine; `undefined` where it means nothing to it. */
export function engineInput(record: JournalRecord): EngineInput | undefined {
  switch (record.kind) {
    case 'reading':
    case 'event':
      return {
        kind: 'reading',
        deviceId: record.deviceId,
        receivedAt: record.receivedAt,
        ts: record.ts,
        historical: record.kind === 'reading' && record.hist === true,
        samples: record.samples.map(toSample),
        ...(record.deviceTime === undefined ? {} : { deviceTime: record.deviceTime }),
      };
    case 'connection':
      return {
        kind: 'connection',
        deviceId: record.deviceId,
        connected: record.connected,
        reason: record.reason,
      };
    case 'clock-set':
      return { kind: 'clock-set', deviceId: record.deviceId };
    case 'configure':
      return {
        kind: 'configure',
        device: record.device,
        ...(record.change === undefined ? {} : { change: record.change }),
      };
    case 'remove':
      return { kind: 'remove', deviceId: record.deviceId, actor: record.actor };
    case 'command':
      return { kind: 'command', command: record.command, actor: record.actor, comment: record.comment };
    case 'start':
    case 'server-condition':
      return record;
    case 'tick':
      return { kind: 'tick' };
    case 'dead-letter':
    case 'attributes':
    case 'device-command':
    case 'device-command-event':
      return undefined;
  }
}

function toSample([pointId, value, quality = 'good']: SampleTuple): Sample {
  return { pointId, value, quality };
}

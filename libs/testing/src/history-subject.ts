import {
  type History,
  type HistoryAlarm,
  type HistoryAlarmEvent,
  type HistoryBatch,
  type HistorySample,
} from '@watchfire/history';
import { inForm, type SampleForm } from './history-forms.js';

export interface HistoryUnderTest {
  readonly history: History;
  /** Closes the history and opens it again on what it has stored. */
  reopen(): Promise<History>;
  dispose(): Promise<void>;
}

/** The time of the first sample: an hour border in 2025, so that buckets are easy to read. */
export const T0 = 1_751_997_600_000;
export const MINUTE = 60_000;

/** One adapter in the hands of its contract: what is written, under names that no other test of it uses. */
export class HistorySubject {
  /** How `batch` and `write` give samples. */
  form: SampleForm = 'objects';
  history: History;
  /** Of the batch that was made last. */
  offset = 0;
  seq = 0;
  private names = 0;

  constructor(private readonly fixture: HistoryUnderTest) {
    this.history = fixture.history;
  }

  async reopen(): Promise<void> {
    this.history = await this.fixture.reopen();
  }

  dispose(): Promise<void> {
    return this.fixture.dispose();
  }

  newPoint(): string {
    return `${this.newId('dev')}.conc`;
  }

  newId(prefix: string): string {
    this.names += 1;
    return `${prefix}-${this.names}`;
  }

  batch(samples: readonly HistorySample[], events: readonly HistoryAlarmEvent[] = []): HistoryBatch {
    this.offset += 10;
    return { offset: this.offset, ...inForm(samples, this.form), events };
  }

  write(samples: readonly HistorySample[], events: readonly HistoryAlarmEvent[] = []): Promise<void> {
    return this.history.write(this.batch(samples, events));
  }

  transition(alarm: HistoryAlarm, at: number, more: Partial<HistoryAlarmEvent> = {}): HistoryAlarmEvent {
    this.seq += 1;
    return {
      seq: this.seq,
      eventId: `${this.offset}-${this.seq}`,
      alarmId: alarm.id,
      type: 'raised',
      at,
      actor: 'system',
      comment: null,
      alarm,
      ...more,
    };
  }
}

export function sampleOf(
  pointId: string,
  ts: number,
  value: HistorySample['value'],
  more: Partial<HistorySample> = {},
): HistorySample {
  const deviceId = pointId.split('.')[0]!;
  return { pointId, ts, receivedAt: ts + 12, value, quality: 'good', deviceId, ...more };
}

export function alarmOf(id: string, more: Partial<HistoryAlarm> = {}): HistoryAlarm {
  return {
    id,
    deviceId: 'dev-a',
    siteId: 'site-a',
    enterpriseId: 'ent-a',
    class: 'gas',
    state: 'UNACK',
    severity: 700,
    raisedAt: T0,
    message: '一号罐区 "甲烷" 浓度高\\高高\n2 行',
    ...more,
  };
}

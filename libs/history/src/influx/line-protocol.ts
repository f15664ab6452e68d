import { escape } from '@influxdata/influxdb-client';
import { type HistoryAlarmEvent, type HistorySample } from '../history.js';
import { QUALITIES } from '../sample-columns.js';
import { MEASUREMENTS } from './places.js';

/**
 * One sample as a line. A pure function of the sample, so that writing it again is the same point to the server: measurement,
 * tags and time identify it [HI3]. Every number is a float (the first write of a field fixes its type); a boolean is kept
 * twice, as itself in `b` and as 0 or 1 in `v`, since the server cannot average booleans.
 */
export function sampleLine(sample: HistorySample): string {
  const { value } = sample;
  const quality = `q=${QUALITIES.indexOf(sample.quality)}i,rx=${sample.receivedAt}i`;
  const fields =
    typeof value === 'number'
      ? `${quality},v=${value}`
      : typeof value === 'boolean'
        ? `b=${value},${quality},v=${Number(value)}`
        : `${quality},s=${escape.quoted(value)}`;
  return `${seriesKey(sample.deviceId, sample.pointId)} ${fields} ${sample.ts}000000`;
}

/** What all lines of a point begin with. */
export function seriesKey(deviceId: string, pointId: string): string {
  return `${MEASUREMENTS.samples}${tag('device', deviceId)}${tag('point', pointId)}`;
}

/**
 * One transition as a line, append-only. Tags are what alarms are selected by and of what there is a bounded number; ids are
 * fields. The alarm after the transition is carried as JSON.
 */
export function alarmEventLine(event: HistoryAlarmEvent): string {
  const { alarm } = event;
  const tags = [
    tag('class', alarm.class),
    tag('device', alarm.deviceId),
    tag('enterprise', alarm.enterpriseId),
    tag('site', alarm.siteId),
  ].join('');
  const fields = [
    `actor=${escape.quoted(event.actor)}`,
    `alarm=${escape.quoted(JSON.stringify(alarm))}`,
    `alarm_id=${escape.quoted(event.alarmId)}`,
    `at=${event.at}i`,
    ...(event.comment === null ? [] : [`comment=${escape.quoted(event.comment)}`]),
    `ev=${escape.quoted(event.type)}`,
    `event_id=${escape.quoted(event.eventId)}`,
    `raised_at=${alarm.raisedAt}i`,
    `seq=${event.seq}i`,
    `severity=${alarm.severity}`,
    `state=${escape.quoted(alarm.state)}`,
  ].join(',');
  return `${MEASUREMENTS.alarms}${tags} ${fields} ${eventTime(event)}`;
}

/** Nanoseconds of a transition, as text: its millisecond, and its sequence number, so that no two have the same time. */
export function eventTime(event: { readonly at: number; readonly seq: number }): string {
  return `${event.at}${String(event.seq % 1_000_000).padStart(6, '0')}`;
}

/** A tag value as it is stored: a backslash at its end would eat the separator, and cannot be escaped. */
export function tagValue(value: string): string {
  return value.replaceAll('\\', '%5C');
}

/** An empty tag value is illegal: the tag is left out. */
export function tag(key: string, value: string): string {
  return value === '' ? '' : `,${key}=${escape.tag(tagValue(value))}`;
}

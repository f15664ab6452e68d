import { describe, expect, it } from '@jest/globals';
import { deviceWith, Timeline } from '@watchfire/testing';
import { type Transition } from './model.js';

const BEHIND = { zh: 'InfluxDB 积压', en: 'InfluxDB is behind' };
const AGAIN = { zh: 'InfluxDB 已追上', en: 'InfluxDB has caught up' };

/** Every step is taken by an engine that was restored just before as well: see Timeline. */
class Story extends Timeline {
  constructor() {
    super(deviceWith([]));
  }

  says(active: boolean, message = active ? BEHIND : AGAIN): this {
    return this.apply({ kind: 'server-condition', name: 'history-backlog', active, message });
  }

  acts(kind: 'acknowledge'): this {
    const { id: alarmId, eventId } = this.newest.alarm;
    return this.apply({ kind: 'command', actor: 'li', comment: null, command: { kind, alarmId, eventId } });
  }

  get newest(): Transition {
    return this.all.at(-1)!;
  }

  get told(): readonly string[] {
    return this.all.map(({ type, alarm }) => `${type} ${alarm.state} ${alarm.messageEn}`);
  }
}

describe('conditions of the server itself', () => {
  it('[AL142] are alarms of class system of the centre, which say what the record says', () => {
    const story = new Story().at('1m').says(true);
    expect(story.newest).toMatchObject({
      type: 'raised',
      actor: 'system',
      alarm: {
        class: 'system',
        rule: 'server:history-backlog',
        deviceId: '',
        siteId: '',
        severity: 700,
        state: 'UNACK',
        active: true,
        message: BEHIND.zh,
        messageEn: BEHIND.en,
        raisedAt: story.time('1m'),
      },
    });
    story.at('5m').says(false).acts('acknowledge');
    expect(story.told).toEqual([
      `raised UNACK ${BEHIND.en}`,
      `returned RTNUN ${AGAIN.en}`,
      `acknowledged NORM ${AGAIN.en}`,
    ]);
  });

  it('[AL142] are not told again by what is said again', () => {
    const story = new Story().says(false).says(true).says(true).acts('acknowledge').says(true).says(false);
    story.says(false);
    expect(story.all.map(({ type }) => type)).toEqual(['raised', 'acknowledged', 'returned']);
    const other = new Story().says(true).says(true, { zh: '另', en: 'other' }).acts('acknowledge');
    expect(other.newest.alarm.messageEn).toBe(BEHIND.en);
  });

  it('[AL143] come back as the next occurrence of the same alarm while nobody has acknowledged it', () => {
    const story = new Story().says(true).says(false).says(true);
    expect(story.all.map(({ type }) => type)).toEqual(['raised', 'returned', 'reoccurred']);
    expect(new Set(story.all.map(({ alarmId }) => alarmId)).size).toBe(1);
  });

  it('[AL143] count for floods of the centre once, and for none of a site', () => {
    const story = new Story();
    const floodBegin = 2;
    const load = {
      floodBegin,
      floodEnd: 1,
      floodWindowMs: 600_000,
      chatteringCount: 9,
      chatteringWithinMs: 1_000,
      fleetingMs: 1,
    };
    story.apply({ kind: 'start', load }).at('1m').says(true);
    expect(story.all.map(({ alarm }) => alarm.rule)).toEqual(['server:history-backlog']);
    story.at('2m').says(false).at('3m').says(true);
    const floods = story.all.filter(({ alarm }) => alarm.rule === 'alarm-flood');
    expect(floods.map(({ alarm }) => [alarm.siteId, alarm.flood?.announced])).toEqual([['', 2]]);
  });
});

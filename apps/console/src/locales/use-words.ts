import { isAboutServer, type Alarm, type LiveReading, type Priority, type Value } from '@watchfire/contracts';
import { useI18n } from 'vue-i18n';
import { PRIORITY_MARKS, type Tag } from '../alarms/presentation.js';
import { RestError } from '../rest/rest-client.js';
import { formatValue } from './format.js';
import { zh } from './zh.js';

/** Which argument was wrong, or why, is in the detail alone. */
const DETAILED: ReadonlySet<string> = new Set(['invalid_request', 'replay_refused', 'rule_invalid']);

/** Words for the things of the contract, in the language of the page. */
export function useWords() {
  const { t, locale } = useI18n();
  const chinese = (): boolean => locale.value === 'zh';

  const problem = (code: string, detail: string): string => {
    const known = code in zh.problem ? t(`problem.${code}`) : t('problem.other', { code, detail });
    return DETAILED.has(code) && detail !== '' ? `${known}: ${detail}` : known;
  };
  return {
    t,
    chinese,
    problem,
    problemOf: (error: unknown): string =>
      error instanceof RestError ? problem(error.code, error.detail) : String(error),
    /** Why an alarm is suppressed by design; a reason of a newer server stays as it is. */
    suppression: (reasons: readonly string[]): string =>
      reasons
        .map((reason) => {
          if (reason === 'not-enabled') return t('suppression.notEnabled');
          const [, device, rule] = /^inhibited-by:([^/]+)\/(.+)$/.exec(reason) ?? [];
          return device === undefined || rule === undefined
            ? reason
            : t('suppression.inhibitedBy', { device, rule });
        })
        .join(t('ruleWords.comma')),
    message: (alarm: Pick<Alarm, 'message' | 'messageEn'>): string =>
      chinese() ? alarm.message : alarm.messageEn,
    /** A flood may be of all sites together. */
    site: (alarm: Pick<Alarm, 'siteId' | 'siteName'>): string =>
      alarm.siteId === '' ? t('flood.centre') : alarm.siteName,
    /** A flood is of no device, and what the server says of itself neither. */
    device: (alarm: Pick<Alarm, 'siteId' | 'deviceId' | 'deviceName' | 'rule'>): string => {
      if (alarm.deviceId !== '') return alarm.deviceName;
      if (isAboutServer(alarm)) return t('serverHealth.server');
      return alarm.siteId === '' ? t('flood.allSites') : t('flood.wholeSite');
    },
    tag: (tag: Tag, alarm: Pick<Alarm, 'chattering'>): string => t(`tag.${tag}`, { count: alarm.chattering }),
    named: (thing: { readonly name: string; readonly nameEn: string }): string =>
      chinese() ? thing.name : thing.nameEn,
    priority: (priority: Priority): string =>
      t('priority.label', { number: PRIORITY_MARKS[priority].number, colour: t(`priority.${priority}`) }),
    value: (value: Value, unit: string | null): string =>
      formatValue(value, unit, { true: t('value.true'), false: t('value.false') }),
    reading: (reading: Pick<LiveReading, 'value'>, unit: string | null): string =>
      formatValue(reading.value, unit, { true: t('value.true'), false: t('value.false') }),
    /** The limit with its direction: `≥ 25 %LEL`. */
    limit: (alarm: Pick<Alarm, 'limit' | 'level' | 'unit'>): string => {
      if (alarm.limit === null || typeof alarm.limit !== 'number') return '';
      const high = alarm.level === 'H' || alarm.level === 'HH';
      const low = alarm.level === 'L' || alarm.level === 'LL';
      const sign = high ? '≥ ' : low ? '≤ ' : '';
      return `${sign}${formatValue(alarm.limit, alarm.unit, { true: '', false: '' })}`;
    },
  };
}

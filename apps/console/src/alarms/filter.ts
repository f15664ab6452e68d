import { type Alarm, type AlarmClass, type Priority } from '@watchfire/contracts';

export interface AlarmFilter {
  readonly classes: readonly AlarmClass[];
  readonly priorities: readonly Priority[];
  /** Code of a district, street or community; everything below it belongs to it. */
  readonly gridCode: string | null;
  readonly siteId: string | null;
  readonly text: string;
}

export const NO_FILTER: AlarmFilter = { classes: [], priorities: [], gridCode: null, siteId: null, text: '' };

export function isFiltering(filter: AlarmFilter): boolean {
  return (
    filter.classes.length > 0 ||
    filter.priorities.length > 0 ||
    filter.gridCode !== null ||
    filter.siteId !== null ||
    filter.text.trim() !== ''
  );
}

/** `within(code, ancestor)` says whether a grid cell is the other or lies below it. */
export function matches(
  alarm: Alarm,
  filter: AlarmFilter,
  within: (code: string | null, ancestor: string) => boolean,
): boolean {
  if (filter.classes.length > 0 && !filter.classes.includes(alarm.class)) return false;
  if (filter.priorities.length > 0 && !filter.priorities.includes(alarm.priority)) return false;
  if (filter.gridCode !== null && !within(alarm.gridCode, filter.gridCode)) return false;
  if (filter.siteId !== null && alarm.siteId !== filter.siteId) return false;
  const words = filter.text.trim().toLowerCase().split(/\s+/);
  const texts = [alarm.message, alarm.messageEn, alarm.siteName, alarm.deviceName, alarm.enterpriseName];
  const haystack = [...texts, alarm.deviceId, alarm.pointId ?? ''].join(' ').toLowerCase();
  return words.every((word) => haystack.includes(word));
}

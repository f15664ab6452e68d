import { fault } from '../fault.js';
import { type BilingualText, type ConditionOf } from '../model.js';
import { type PointState, type Watch, type WholeKind } from '../watch.js';
import { badDelays, badSeverities } from './checks.js';

type Colours = ConditionOf<'colours'>;

const NAMES: Readonly<Record<string, BilingualText>> = {
  red: { zh: '红色', en: 'red' },
  orange: { zh: '橙色', en: 'orange' },
  yellow: { zh: '黄色', en: 'yellow' },
};

interface Points {
  readonly blue: number;
  readonly yellow: number;
  readonly orange: number;
}

/**
 * Many lesser warnings in one area make a greater one (GB 39496-2020, 5.5.4: 4 blue make a yellow, 3 yellow an orange, 2 orange a
 * red). What is made counts on, so that 8 blue and 1 yellow are an orange; a point that is red needs no sum. [AL117]
 */
export const colours: WholeKind<Colours> = {
  judges: 'whole',
  calm: 'never',
  ofSite: true,
  readsAlarms: true,
  pointsOf: ({ members }) => members,
  faultOf: (condition) =>
    (condition.members.length === 0 ? fault('members_missing') : undefined) ??
    ([condition.bluesToYellow, condition.yellowsToOrange, condition.orangesToRed].every(
      (count) => Number.isInteger(count) && count >= 2,
    )
      ? undefined
      : fault('colours_invalid')) ??
    badDelays(condition) ??
    badSeverities(condition.yellow, condition.orange, condition.red),
  stepsOf: ({ red, orange, yellow }) => [
    { level: 'red', severity: red, limit: undefined },
    { level: 'orange', severity: orange, limit: undefined },
    { level: 'yellow', severity: yellow, limit: undefined },
  ],
  delayOf: ({ onDelayMs, offDelayMs }, isOn) => (isOn ? offDelayMs : onDelayMs),
  /** An alarm holds while its point is unknown, so a sum can only be too small: what it does not reach is unknown then. */
  stepAt(watch, condition) {
    const step = stepOf(condition, pointsIn(watch, condition));
    const isSure = watch.points.every(({ quality }) => quality === 'good' || quality === 'uncertain');
    if (isSure || watch.filters[0]?.on !== true) return step;
    return step >= 0 && step <= watch.step ? step : undefined;
  },
  messageOf(watch, condition, { level }) {
    const { title } = watch.rule;
    const name = NAMES[level ?? ''];
    const { blue, yellow, orange } = pointsIn(watch, condition);
    return {
      zh: `${title.zh}：${name?.zh ?? ''}（橙 ${orange}、黄 ${yellow}、蓝 ${blue}）`,
      en: `${title.en}: ${name?.en ?? ''} (orange ${orange}, yellow ${yellow}, blue ${blue})`,
    };
  },
};

function stepOf(condition: Colours, { blue, yellow, orange }: Points): number {
  const yellows = Math.floor(blue / condition.bluesToYellow);
  const oranges = Math.floor((yellow + yellows) / condition.yellowsToOrange);
  const reds = Math.floor((orange + oranges) / condition.orangesToRed);
  return [reds, oranges, yellows].findIndex((count) => count > 0);
}

/** How many members have each colour, a member the highest of its alarms. Red ones are not counted: they speak for themselves. */
function pointsIn(watch: Watch, condition: Colours): Points {
  const found = { blue: 0, yellow: 0, orange: 0 };
  for (const point of watch.points) {
    const severity = severityOf(point, condition.classes);
    if (severity === 0 || severity >= condition.red) continue;
    if (severity >= condition.orange) found.orange += 1;
    else if (severity >= condition.yellow) found.yellow += 1;
    else found.blue += 1;
  }
  return found;
}

/** The highest severity of the active alarms about the point itself, of these classes; 0 for none. */
function severityOf(point: PointState, classes: readonly string[]): number {
  let highest = 0;
  for (const { alarm, points, kind } of point.watches) {
    if (alarm?.active !== true || points[0] !== point || kind.ofSite === true) continue;
    if (classes.includes(alarm.class)) highest = Math.max(highest, alarm.liveSeverity);
  }
  return highest;
}

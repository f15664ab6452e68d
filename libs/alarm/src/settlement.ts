import { beginOccurrences, endOccurrences } from './occurrences.js';
import { type Cause, type TransitionRecorder } from './recorder.js';
import { decidedStep, isDeadMan, isHigh, isOuter, qualityOf, type AlarmStep, type Watch } from './watch.js';

/** Brings the alarm of a rule to what its filters have decided. */
export function settle(recorder: TransitionRecorder, watch: Watch, cause: Cause): void {
  const present = watch.steps[decidedStep(watch)];
  const alarm = watch.alarm;
  if (alarm?.active !== true) {
    if (present === undefined) return;
    beginOccurrences(watch);
    recorder.move(watch, 'CONDITION_ON', cause);
    return;
  }
  if (present === undefined) {
    endOccurrences(watch);
    recorder.move(watch, 'CONDITION_OFF', cause);
    return;
  }
  if (present.level === alarm.level && present.severity === alarm.liveSeverity) return;
  const before = watch.steps.find((step) => step.level === alarm.level);
  if (isOtherSide(before, present)) {
    // From too high to too low is an end and a new beginning, not a change of level. [AL4]
    recorder.move(watch, 'CONDITION_OFF', cause);
    recorder.move(watch, 'CONDITION_ON', cause);
    return;
  }
  recorder.move(watch, isRise(before, present, alarm.liveSeverity) ? 'LEVEL_UP' : 'LEVEL_DOWN', cause);
}

/** Tells when the quality behind an open alarm is another one. A stale alarm is about that quality: it says it itself. */
export function tellQuality(recorder: TransitionRecorder, watch: Watch, now: number): void {
  if (watch.alarm === null || (isDeadMan(watch) && watch.points.length > 0)) return;
  if (watch.alarm.quality === qualityOf(watch)) return;
  recorder.move(watch, 'INPUT_QUALITY', { eventAt: now, receivedAt: now });
}

function isOtherSide(before: AlarmStep | undefined, present: AlarmStep): boolean {
  if (before?.limit === undefined || present.limit === undefined) return false;
  return isHigh(before.limit) !== isHigh(present.limit);
}

/** Severity decides; at the same severity an outer limit, or another discrete value, is news as well. [AL7] */
function isRise(before: AlarmStep | undefined, present: AlarmStep, liveSeverity: number): boolean {
  if (present.severity !== liveSeverity) return present.severity > liveSeverity;
  return present.limit === undefined || (isOuter(present.limit) && before !== present);
}

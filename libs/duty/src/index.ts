export { DUTY_CHECK, DutyDispatch, type DutyDispatchDependencies, type DutyOrder } from './duty-dispatch.js';
export { unitsIn, type UnitsAsked } from './duty-scope.js';
export { DutyScheduler, type DutySchedulerDependencies } from './duty-scheduler.js';
export { dutyVerdicts } from './duty-verdicts.js';
export { GuardWatch, type GuardWatchDependencies } from './guard-watch.js';
export { onPostRate } from './on-post-rate.js';
export { localDay, momentsOf, type ZoneOffsets } from './plan-moments.js';

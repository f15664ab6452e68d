export { announcementTimes, waitingIn } from './announcement.js';
export { AlarmFold, type FigureRange } from './alarm-fold.js';
export {
  FIGURE_LIMITS,
  type AlarmFigures,
  type AlarmTally,
  type FigureGrouping,
  type FigureLimits,
  type LoadFigures,
  type Offender,
  type ResponseFigures,
} from './model.js';
export { blindShare, sumAll, sumBySite, type ExposureSum, type SiteExposureSum } from './exposure-sum.js';
export { type Flood } from './flood.js';
export { percentile } from './percentile.js';
export {
  FIGURES_WITH_TARGET,
  judge,
  TARGETS,
  type FigureWithTarget,
  type Target,
  type Verdict,
} from './targets.js';
export { ratesOf, type Rates } from './rates.js';
export {
  FALSE_ALARMS_A_DAY,
  falseAlarmsOf,
  goodOrderOf,
  type FalseAlarms,
  type FireFinding,
  type GoodOrder,
} from './fire-unit.js';

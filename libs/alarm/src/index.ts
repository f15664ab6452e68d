export { isRetained, isSuppressedOrShelved, labelOf, stateOf } from './annunciation.js';
export { type AnnunciationVariables } from './annunciation-variables.js';
export { type CoveredRule } from './covered-rule.js';
export { wholeAlarm } from './alarm-view.js';
export { expressionProblem } from './conditions/expression.js';
export { AlarmEngine } from './engine.js';
export {
  EXPOSURE_KINDS,
  QUIET_KINDS,
  type DeviceExposure,
  type Exposure,
  type ExposureKind,
  type UnwatchedRule,
} from './exposure.js';
export type * from './model.js';
export { type Deed, type OutOfService, type Overlay, type Shelving } from './overlay.js';
export { DEFAULT_POLICY, policyOf, type AnnunciationPolicy } from './policy.js';
export { announcementOf, isApart, isCovered, type Announcement } from './announcement.js';
export { isAboutFlood } from './floods.js';
export { FloodWindow, type FloodLimits } from './flood-window.js';
export { LOAD_LIMITS } from './load.js';
export { isAnnounced, NUISANCE_LIMITS, NuisanceFold, type NuisanceFigures } from './nuisance.js';
export { faultText, type Fault, type FaultCode } from './fault.js';
export { type RuleFault } from './rule-check.js';
export {
  SNAPSHOT_VERSION,
  type AnySnapshot,
  type EngineSnapshot,
  type EngineSnapshot1,
  type EngineSnapshot2,
} from './snapshot.js';
export { pointsOf } from './new-watch.js';
export { idsOfAgain } from './occurrences.js';
export { weakenings, type RuleStrength } from './weaker.js';

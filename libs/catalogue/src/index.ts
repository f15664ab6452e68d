export { Catalogue } from './catalogue.js';
export { loadDemoDistrict } from './demo-district.js';
export {
  loadDemoFireUnits,
  type DemoFireComponent,
  type DemoFireRoom,
  type DemoFireUnit,
} from './demo-fire-units.js';
export {
  type DemoAccount,
  type DemoDevice,
  type DemoDistrict,
  type DemoScenario,
  type DemoSignal,
  type DemoSimulation,
  type DemoSite,
  type DemoStep,
} from './demo-schema.js';
export { deviceConfiguration, ownLayers } from './device-configuration.js';
export { effectiveRule, effectiveRules, type EffectiveRule, pointOf } from './effective-rule.js';
export { CatalogueError, type CatalogueProblem } from './errors.js';
export {
  type CatalogueCondition,
  type CatalogueRule,
  type PointType,
  type Profile,
  type ProfilePoint,
  type ProfileRole,
} from './model.js';
export { isSameLayer, overrideProblems, type OverrideProblem } from './override-problems.js';
export { provisionalShare } from './rationalisation.js';
export { ruleVersions, valueChanges } from './rule-versions.js';
export { ruleViews, siteRuleViews } from './rule-views.js';
export { spelledOut, type SpelledOut } from './short-override.js';
export { type RuleProvenance } from './provenance-list.js';
export { type FireDialect, loadFireDialects } from './fire/deviations.js';
export { offsetsOf } from './week.js';

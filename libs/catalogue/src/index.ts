export { Catalogue } from './catalogue.js';
export { loadDemoDistrict } from './demo-district.js';
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
export { deviceConfiguration, ruleViews } from './device-configuration.js';
export { CatalogueError, type CatalogueProblem } from './errors.js';
export {
  type CatalogueCondition,
  type CatalogueRule,
  type PointType,
  type Profile,
  type ProfilePoint,
  type ProfileRole,
  type RuleProvenance,
} from './model.js';
export { overrideProblems, type OverrideProblem } from './override-problems.js';

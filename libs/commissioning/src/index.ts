export {
  Commissioning,
  type CommissionedDevice,
  type CommissioningDependencies,
  type NewDevice,
  type NewEnterprise,
  type NewSite,
  type RuleOverrideBody,
} from './commissioning.js';
export { CommissioningError, type CommissioningErrorCode } from './errors.js';

export {
  Commissioning,
  type CommissionedDevice,
  type CommissioningDependencies,
  type NewDevice,
  type NewEnterprise,
  type NewSite,
  type RuleOverrideBody,
} from './commissioning.js';
export { CommissioningError, RuleOverrideError, type CommissioningErrorCode } from './errors.js';

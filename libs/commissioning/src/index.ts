export {
  Commissioning,
  type CommissionedDevice,
  type NewDevice,
  type NewEnterprise,
  type NewSite,
  type Registration,
} from './commissioning.js';
export { type CredentialRequest, type DeviceCredentials } from './credentials.js';
export {
  CommissioningError,
  RuleOverrideError,
  TooManyAttemptsError,
  RuleApprovalError,
  type CommissioningErrorCode,
  type SeenChange,
} from './errors.js';
export {
  DEFAULT_PROVISIONING,
  type CommissioningClock,
  type CommissioningDependencies,
  type ProvisioningSettings,
} from './in-service.js';
export {
  type NewClaims,
  type Provisioned,
  type Provisioning,
  type ProvisioningRequest,
  type ThingsBoardProvisionResponse,
} from './provisioning.js';
export { type CatalogueChange, type CatalogueDesk } from './catalogue-desk.js';
export { type RuleApproval, type RuleChange, type RuleDesk, type RuleRevert } from './rule-desk.js';
export { type RuleTarget } from './rule-target.js';

export {
  Commissioning,
  type CommissionedDevice,
  type NewDevice,
  type NewEnterprise,
  type NewSite,
  type Registration,
  type RuleOverrideBody,
} from './commissioning.js';
export { type CredentialRequest, type DeviceCredentials } from './credentials.js';
export {
  CommissioningError,
  RuleOverrideError,
  TooManyAttemptsError,
  type CommissioningErrorCode,
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

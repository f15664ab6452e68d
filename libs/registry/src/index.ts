export { newDeviceCredential, verifyDeviceCredential, type DeviceCredential } from './device-credential.js';
export { RegistryError, type RegistryErrorCode } from './errors.js';
export { newId, type IdPrefix } from './ids.js';
export { hashPassword } from './password.js';
export { checkRegistryCopy } from './pinned-registry.js';
export { Registry, type RegistryOptions } from './registry.js';
export { type ApprovalRepository, type Decision, type NewApproval } from './repositories/approvals.js';
export { type AuditRepository, type NewAuditEntry } from './repositories/audit.js';
export { type CatalogueVersionRepository } from './repositories/catalogue-versions.js';
export { type CallbackEventRepository } from './repositories/callback-events.js';
export { type DeadLetterRepository } from './repositories/dead-letters.js';
export {
  type DeviceCommandRepository,
  type DutyCheckFilter,
  type PlacedCommandRow,
} from './repositories/device-commands.js';
export { type ClaimRepository, type NewClaim, type Redemption } from './repositories/claims.js';
export {
  type CredentialUse,
  type DeviceCredentialRepository,
  type NewCredential,
  type Revocation,
} from './repositories/device-credentials.js';
export {
  type DeviceChange,
  type DeviceFilter,
  type DeviceRepository,
  type NewDevice,
} from './repositories/devices.js';
export { type EnterpriseRepository, type NewEnterprise } from './repositories/enterprises.js';
export { type GridRepository } from './repositories/grid.js';
export { type IdempotencyRepository, type IdempotencyStart } from './repositories/idempotency.js';
export { type QuarantineRepository, type Sighting } from './repositories/quarantine.js';
export { type RuleLayerKey, type RuleLayerRepository } from './repositories/rule-layers.js';
export { type NewSession, type SessionRepository } from './repositories/sessions.js';
export { type NewSite, type SiteFilter, type SiteRepository } from './repositories/sites.js';
export { type NewUser, type UserRepository } from './repositories/users.js';
export {
  type ApprovalRow,
  type AuditRow,
  type CatalogueVersionRow,
  type ClaimRow,
  type DeadLetterRow,
  type DeviceCommandRow,
  type DeviceContext,
  type DeviceCredentialRow,
  type DeviceMember,
  type DeviceRow,
  type EnteredValue,
  type EnterpriseRow,
  type GridCellRow,
  type IdempotencyRow,
  type NewRuleLayer,
  type Paged,
  type PageRequest,
  type QuarantineRow,
  type RuleLayerRow,
  type SessionRow,
  type SiteRow,
  type UserRow,
} from './rows.js';
export {
  type AcceptanceRow,
  type FireComponentRow,
  type FireContactRow,
  type FirePlaceChange,
  type FirePlaceRow,
  type FireUnitRow,
  type FireUnitSummaryRow,
  type NewFirePlace,
  type PlanRow,
} from './rows-fire.js';
export { imageKind, type ImageKind } from './plans/image-kind.js';
export { PlanRefused, type PlanStore } from './plans/plan-store.js';
export {
  type AcceptanceRepository,
  type Finding,
  type NewAcceptance,
} from './repositories/acceptance-records.js';
export {
  type FireSystemRepository,
  type FireSystemRow,
  type SystemSighting,
} from './repositories/fire-systems.js';
export { type DutyAnswer, type DutyAnswerRepository } from './repositories/duty-answers.js';
export { type DutyNote, type DutyNoteRepository } from './repositories/duty-notes.js';
export { type DutyPlanRepository, type DutyPlanRow, type DutyRunRow } from './repositories/duty-plans.js';
export {
  type ComponentChange,
  type ComponentKey,
  type ComponentSighting,
  type FireComponentRepository,
  type NewComponent,
} from './repositories/fire-components.js';
export { type FirePlaceRepository } from './repositories/fire-places.js';
export { type FireUnitFilter, type FireUnitRepository } from './repositories/fire-units.js';

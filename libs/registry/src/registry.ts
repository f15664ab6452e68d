import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CamelCasePlugin, Kysely } from 'kysely';
import { type Database } from './database.js';
import { guardAudit } from './audit-guard.js';
import { migrate } from './migrate.js';
import { pinFile, type PinnedFile } from './pinned-registry.js';
import { PlanStore } from './plans/plan-store.js';
import { ApprovalRepository } from './repositories/approvals.js';
import { AcceptanceRepository } from './repositories/acceptance-records.js';
import { AuditRepository } from './repositories/audit.js';
import { CallbackEventRepository } from './repositories/callback-events.js';
import { CatalogueVersionRepository } from './repositories/catalogue-versions.js';
import { ClaimRepository } from './repositories/claims.js';
import { DeadLetterRepository } from './repositories/dead-letters.js';
import { DeviceCommandRepository } from './repositories/device-commands.js';
import { DeviceCredentialRepository } from './repositories/device-credentials.js';
import { DeviceRepository } from './repositories/devices.js';
import { EnterpriseRepository } from './repositories/enterprises.js';
import { FireComponentRepository } from './repositories/fire-components.js';
import { FirePlaceRepository } from './repositories/fire-places.js';
import { DutyAnswerRepository } from './repositories/duty-answers.js';
import { DutyNoteRepository } from './repositories/duty-notes.js';
import { FireSystemRepository } from './repositories/fire-systems.js';
import { DutyPlanRepository } from './repositories/duty-plans.js';
import { FireUnitRepository } from './repositories/fire-units.js';
import { GridRepository } from './repositories/grid.js';
import { IdempotencyRepository } from './repositories/idempotency.js';
import { QuarantineRepository } from './repositories/quarantine.js';
import { RuleLayerRepository } from './repositories/rule-layers.js';
import { SessionRepository } from './repositories/sessions.js';
import { SiteRepository } from './repositories/sites.js';
import { UserRepository } from './repositories/users.js';
import { type RegistrySchema } from './schema.js';
import { SecretBox } from './secret-box.js';
import { SqlThread } from './sql-thread.js';
import { SqliteThreadDialect } from './sqlite-dialect.js';

export interface RegistryOptions {
  /** Made where it does not exist; holds `registry.db` and the key of what is sealed in it. */
  readonly directory: string;
  /** Epoch ms. */
  readonly now?: (() => number) | undefined;
  /** How long to wait for another process to let go of the file; default 2 s. */
  readonly lockTimeoutMs?: number | undefined;
  /** How passwords of people are hashed; default scrypt at OWASP's cost. */
  readonly hashPassword?: ((password: string) => Promise<string>) | undefined;
}

interface RegistryParts {
  readonly db: Database;
  readonly directory: string;
  readonly now: () => number;
  readonly box: SecretBox;
  readonly plans: PlanStore;
  readonly hash: RegistryOptions['hashPassword'];
}

const FILE = 'registry.db';
const KEY_FILE = 'device-secrets.key';
const PLAN_FOLDER = 'plans';
const LOCK_TIMEOUT_MS = 2_000;

/** What does not change by itself: places, devices, rules, people, sessions, and the records about them. */
export class Registry {
  readonly grid: GridRepository;
  readonly enterprises: EnterpriseRepository;
  readonly sites: SiteRepository;
  readonly devices: DeviceRepository;
  readonly credentials: DeviceCredentialRepository;
  readonly claims: ClaimRepository;
  readonly quarantine: QuarantineRepository;
  readonly rules: RuleLayerRepository;
  readonly catalogueVersions: CatalogueVersionRepository;
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly audit: AuditRepository;
  readonly deadLetters: DeadLetterRepository;
  readonly deviceCommands: DeviceCommandRepository;
  readonly idempotency: IdempotencyRepository;
  readonly callbackEvents: CallbackEventRepository;
  readonly approvals: ApprovalRepository;
  readonly fireUnits: FireUnitRepository;
  readonly firePlaces: FirePlaceRepository;
  readonly fireComponents: FireComponentRepository;
  readonly acceptance: AcceptanceRepository;
  readonly fireSystems: FireSystemRepository;
  readonly dutyAnswers: DutyAnswerRepository;
  readonly dutyNotes: DutyNoteRepository;
  readonly dutyPlans: DutyPlanRepository;

  /** Images of floor plans, beside the file and not in it. */
  readonly plans: PlanStore;
  private readonly db: Database;
  private readonly directory: string;

  private constructor({ db, directory, now, box, plans, hash }: RegistryParts) {
    this.db = db;
    this.directory = directory;
    this.plans = plans;
    this.grid = new GridRepository(db);
    this.enterprises = new EnterpriseRepository(db, now);
    this.sites = new SiteRepository(db, now);
    this.credentials = new DeviceCredentialRepository(db, now, box);
    this.devices = new DeviceRepository(db, now, this.credentials);
    this.claims = new ClaimRepository(db, now, this.credentials);
    this.quarantine = new QuarantineRepository(db);
    this.rules = new RuleLayerRepository(db, now);
    this.catalogueVersions = new CatalogueVersionRepository(db, now);
    this.users = new UserRepository(db, now, hash);
    this.sessions = new SessionRepository(db, now);
    this.audit = new AuditRepository(db, now);
    this.deadLetters = new DeadLetterRepository(db);
    this.deviceCommands = new DeviceCommandRepository(db);
    this.idempotency = new IdempotencyRepository(db, now);
    this.callbackEvents = new CallbackEventRepository(db, now);
    this.approvals = new ApprovalRepository(db, now);
    this.fireUnits = new FireUnitRepository(db, now);
    this.firePlaces = new FirePlaceRepository(db, now);
    this.fireComponents = new FireComponentRepository(db, now);
    this.acceptance = new AcceptanceRepository(db, now);
    this.fireSystems = new FireSystemRepository(db);
    this.dutyAnswers = new DutyAnswerRepository(db);
    this.dutyNotes = new DutyNoteRepository(db);
    this.dutyPlans = new DutyPlanRepository(db, now);
  }

  /**
   * Opens the file, migrates it, and takes it for this process alone.
   *
   * @throws RegistryError `locked`, `schema_newer` or `storage`.
   */
  static async open(options: RegistryOptions): Promise<Registry> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const thread = await SqlThread.open({
      file: path.join(options.directory, FILE),
      lockTimeoutMs: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    });
    const db = new Kysely<RegistrySchema>({
      dialect: new SqliteThreadDialect(thread),
      plugins: [new CamelCasePlugin()],
    });
    try {
      await migrate(db);
      await guardAudit(db);
      // Not before the file is ours: two processes that both begin must not make two keys.
      const box = await SecretBox.open(path.join(options.directory, KEY_FILE));
      const plans = await PlanStore.open(path.join(options.directory, PLAN_FOLDER));
      const now = options.now ?? Date.now;
      const registry = new Registry({
        db,
        directory: options.directory,
        now,
        box,
        plans,
        hash: options.hashPassword,
      });
      await registry.idempotency.abandonAll();
      return registry;
    } catch (error) {
      // Kysely does not destroy a driver that it never had to start.
      await thread.close();
      throw error;
    }
  }

  /**
   * For a copy by another process; the caller takes care that there is one at a time. What lies beside the file never changes:
   * the key of what is sealed in it, and the images of plans, which may go while they are copied.
   */
  async pin(): Promise<PinnedFile & { readonly beside: readonly string[] }> {
    const pinned = await pinFile(this.db, path.join(this.directory, FILE));
    const beside = [path.join(this.directory, KEY_FILE), ...(await this.plans.files())];
    return { ...pinned, beside };
  }

  /** What was asked before is done first. */
  async close(): Promise<void> {
    await this.db.destroy();
  }
}

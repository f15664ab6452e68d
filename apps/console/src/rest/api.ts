import {
  type Alarm,
  type AlarmEventView,
  type ApprovalView,
  type AuditView,
  type BackTestView,
  type ClaimView,
  type CommandView,
  type CredentialReply,
  type CredentialView,
  type DeadLetterView,
  type DeviceView,
  type EnterpriseView,
  type ExposureKindName,
  type ExposureSummary,
  type ExposureView,
  type FigureGroupingName,
  type FiguresReply,
  type FloodView,
  type GridCell,
  type HistoryFunction,
  type HistoryGapView,
  type HistoryReply,
  type LoginReply,
  type NewClaimsReply,
  type NewDeviceReply,
  type Page,
  type ProfileView,
  type QuarantineView,
  type RuleVersionView,
  type RuleView,
  type ServerHealth,
  type ServerInfo,
  type SessionView,
  type SiteRuleView,
  type SiteView,
  type UserView,
  type WithGap,
} from '@watchfire/contracts';
import { type Act } from '../alarms/acts.js';
import { type ExportQuery } from '../trend/spans.js';
import { rulePath, versionsPath, type RuleAddress } from '../rules/rule-address.js';
import { DutyApi } from '../duty/duty-api.js';
import { UnitApi } from '../units/unit-api.js';
import { everyPage, newIdempotencyKey, queryOf, type RestClient } from './rest-client.js';

/** Rows a page of the lists that are read whole. */
const WHOLE = 500;

type New = Readonly<Record<string, unknown>>;

export interface ExposureFilter {
  readonly siteId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly kind?: ExposureKindName | undefined;
  readonly safety?: boolean | undefined;
}

export interface FiguresAsked {
  readonly from: number;
  readonly to: number;
  readonly siteId?: string;
  readonly by: FigureGroupingName;
}

const FIGURES_MS = 60_000;

/** The calls that the page makes, in the words of the contract. */
export class Api {
  readonly units: UnitApi;
  readonly duty: DutyApi;

  constructor(private readonly rest: RestClient) {
    this.units = new UnitApi(rest);
    this.duty = new DutyApi(rest);
  }

  serverInfo = (): Promise<ServerInfo> => this.rest.get('server/info');
  serverHealth = (): Promise<ServerHealth> => this.rest.get('server/health');
  session = (): Promise<SessionView> => this.rest.get('auth/session');
  signIn = (username: string, password: string): Promise<LoginReply> =>
    this.rest.post('auth/login', { username, password });
  signOut = (): Promise<unknown> => this.rest.post('auth/logout', {});

  alarm = (id: string): Promise<Alarm> => this.rest.get(`alarms/${encodeURIComponent(id)}`);
  /** With what the history may lack of them at present. */
  async alarmEvents(
    id: string,
  ): Promise<{ readonly events: readonly AlarmEventView[]; readonly incomplete: HistoryGapView | null }> {
    const path = `alarms/${encodeURIComponent(id)}/events`;
    let incomplete: HistoryGapView | null = null;
    const events = await everyPage<AlarmEventView>(async (cursor) => {
      const page = await this.rest.get<Page<AlarmEventView> & WithGap>(path, { limit: WHOLE, cursor });
      incomplete = page.incomplete ?? null;
      return page;
    });
    return { events, incomplete };
  }

  /** Those that last. */
  floods = (): Promise<FloodView[]> => this.every<FloodView>('floods', { present: 'true' });

  act(act: Act): Promise<Alarm | null> {
    const path = `alarms/${encodeURIComponent(act.alarmId)}/${act.kind}`;
    const comment = act.comment === null ? {} : { comment: act.comment };
    const body = act.kind === 'comment' ? comment : { eventId: act.eventId, ...comment };
    return this.rest.post(path, body, act.idempotencyKey);
  }

  commands = (deviceId: string, cursor?: string): Promise<Page<CommandView>> =>
    this.rest.get(`devices/${encodeURIComponent(deviceId)}/commands`, { limit: 20, cursor });
  /** The same key for every attempt of one act: the device is then sent one command. */
  sendCommand = (deviceId: string, body: New, idempotencyKey: string): Promise<CommandView> =>
    this.rest.post(`devices/${encodeURIComponent(deviceId)}/commands`, body, idempotencyKey);
  cancelCommand({ deviceId, id }: CommandView, reason: string, key: string): Promise<CommandView> {
    const path = `devices/${encodeURIComponent(deviceId)}/commands/${encodeURIComponent(id)}/cancel`;
    return this.rest.post(path, { reason }, key);
  }

  exposureSummary = (): Promise<ExposureSummary> => this.rest.get('exposure/summary');
  exposure = (filter: ExposureFilter): Promise<Page<ExposureView>> =>
    this.rest.get('exposure', { ...filter, limit: WHOLE });
  /** Where the browser fetches the table from by itself. */
  exposureExport = (filter: ExposureFilter): string => `/api/v1/exposure/export${queryOf({ ...filter })}`;

  /** A long range is read whole by the server: it may take longer than other answers. */
  figures = (asked: FiguresAsked): Promise<FiguresReply> =>
    this.rest.get('figures/alarms', { ...asked }, FIGURES_MS);
  figuresExport = (asked: FiguresAsked): string => `/api/v1/figures/alarms/export${queryOf({ ...asked })}`;

  approvals = (state: 'pending' | 'all'): Promise<Page<ApprovalView>> =>
    this.rest.get('approvals', { state, limit: 100 });
  decide = (id: string, verdict: 'approve' | 'reject', body: New, key: string): Promise<ApprovalView> =>
    this.rest.post(`approvals/${encodeURIComponent(id)}/${verdict}`, body, key);
  /** The alarm; or the request that a second person must agree to. */
  cover = (alarmId: string, act: string, body: New, key: string): Promise<Alarm | ApprovalView> =>
    this.rest.post(`alarms/${encodeURIComponent(alarmId)}/${act}`, body, key);
  /** About a rule of a device, with or without an alarm; `null` where it is done. */
  actOnRule(
    rule: { readonly deviceId: string; readonly ruleKey: string },
    act: string,
    body: New,
    key: string,
  ): Promise<ApprovalView | null> {
    const path = `devices/${encodeURIComponent(rule.deviceId)}/rules/${encodeURIComponent(rule.ruleKey)}`;
    return this.rest.post(`${path}/${act}`, body, key);
  }

  rules = (deviceId: string): Promise<RuleView[]> => this.every<RuleView>('rules', { deviceId });
  siteRules = (siteId: string): Promise<SiteRuleView[]> =>
    this.rest.get(`sites/${encodeURIComponent(siteId)}/rules`);
  ruleVersions = (address: RuleAddress): Promise<RuleVersionView[]> => this.rest.get(versionsPath(address));
  /** The rule as it is then; or the request that a second person must agree to. */
  changeRule = (
    address: RuleAddress,
    body: New,
    key: string,
  ): Promise<RuleView | SiteRuleView | ApprovalView> => this.rest.put(rulePath(address), body, key);
  revertRule = (
    address: RuleAddress,
    body: New,
    key: string,
  ): Promise<RuleView | SiteRuleView | ApprovalView> =>
    this.rest.post(`${rulePath(address)}/revert`, body, key);
  startBackTest = (body: New, key: string): Promise<BackTestView> => this.rest.post('back-tests', body, key);
  backTest = (id: string): Promise<BackTestView> => this.rest.get(`back-tests/${encodeURIComponent(id)}`);
  cancelBackTest = (id: string): Promise<BackTestView> =>
    this.create(`back-tests/${encodeURIComponent(id)}/cancel`, {});

  /** Samples, or as many buckets as are wanted. */
  history = (
    pointId: string,
    from: number,
    to: number,
    more: { readonly buckets?: number; readonly fn?: HistoryFunction } = {},
  ): Promise<HistoryReply> =>
    this.rest.get(`points/${encodeURIComponent(pointId)}/history`, { from, to, ...more });
  historyExport = (asked: ExportQuery, format: 'csv' | 'lines'): string =>
    `/api/v1/points/history/export${queryOf({ ...asked, format })}`;

  grid = (): Promise<GridCell[]> => this.every<GridCell>('grid');
  enterprises = (): Promise<EnterpriseView[]> => this.every<EnterpriseView>('enterprises');
  sites = (): Promise<SiteView[]> => this.every<SiteView>('sites');
  devices = (): Promise<DeviceView[]> => this.every<DeviceView>('devices');
  profiles = (): Promise<ProfileView[]> => this.every<ProfileView>('profiles');
  users = (): Promise<UserView[]> => this.every<UserView>('users');

  createEnterprise = (body: New, key: string): Promise<EnterpriseView> =>
    this.rest.post('enterprises', body, key);
  createSite = (body: New, key: string): Promise<SiteView> => this.rest.post('sites', body, key);
  createDevice = (body: New, key: string): Promise<NewDeviceReply | DeviceView> =>
    this.rest.post('devices', body, key);
  changeDevice = (deviceId: string, body: New): Promise<DeviceView> =>
    this.rest.patch(`devices/${encodeURIComponent(deviceId)}`, body, newIdempotencyKey());
  createUser = (body: New, key: string): Promise<UserView> => this.rest.post('users', body, key);

  credentials = (deviceId: string): Promise<CredentialView[]> =>
    this.rest.get(`devices/${encodeURIComponent(deviceId)}/credentials`);
  issueCredential = (deviceId: string, body: New): Promise<CredentialReply> =>
    this.create(`devices/${encodeURIComponent(deviceId)}/credentials`, body);
  revokeCredential = (deviceId: string, id: string, reason: string): Promise<CredentialView> =>
    this.create(`devices/${encodeURIComponent(deviceId)}/credentials/${encodeURIComponent(id)}/revoke`, {
      reason,
    });

  claims = (cursor?: string): Promise<Page<ClaimView>> => this.rest.get('claims', { limit: 50, cursor });
  createClaims = (body: New): Promise<NewClaimsReply> => this.create('claims', body);
  cancelClaim = (id: string): Promise<ClaimView> =>
    this.create(`claims/${encodeURIComponent(id)}/cancel`, {});
  quarantine = (cursor?: string): Promise<Page<QuarantineView>> =>
    this.rest.get('quarantine', { limit: 50, cursor });
  registerQuarantined = (id: string, body: New, key: string): Promise<NewDeviceReply | DeviceView> =>
    this.rest.post(`quarantine/${encodeURIComponent(id)}/register`, body, key);
  device = (id: string): Promise<DeviceView> => this.rest.get(`devices/${encodeURIComponent(id)}`);

  deadLetters = (cursor?: string): Promise<Page<DeadLetterView>> =>
    this.rest.get('dead-letters', { limit: 50, cursor });
  replay = (id: string): Promise<unknown> =>
    this.rest.post(`dead-letters/${encodeURIComponent(id)}/replay`, {}, newIdempotencyKey());
  audit = (actor: string, cursor?: string): Promise<Page<AuditView>> =>
    this.rest.get('audit', { limit: 100, actor, cursor });

  private create<T>(path: string, body: New): Promise<T> {
    return this.rest.post(path, body, newIdempotencyKey());
  }

  private every<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T[]> {
    return everyPage<T>(async (cursor) => {
      const answer = await this.rest.get<Page<T> | readonly T[]>(path, { ...query, limit: WHOLE, cursor });
      return 'items' in answer ? answer : { items: answer, nextCursor: null };
    });
  }
}

import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { BackTests } from '@watchfire/back-test';
import { Catalogue } from '@watchfire/catalogue';
import { DeviceCommands } from '@watchfire/commands';
import { Commissioning } from '@watchfire/commissioning';
import { DUTY_CHECK, DutyDispatch } from '@watchfire/duty';
import { Clock, EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { Journal } from '@watchfire/journal';
import { Registry } from '@watchfire/registry';
import { SessionDoor } from './access/session-door.js';
import { SessionGuard } from './access/session.guard.js';
import { SignInThrottle } from './access/sign-in-throttle.js';
import { VisibleObjects } from './access/visible-objects.js';
import { Approvals } from './approvals/approvals.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { CallbacksController } from './callbacks/callbacks.controller.js';
import { AuditTrail } from './conduct/audit-trail.js';
import { AuditInterceptor } from './conduct/audit.interceptor.js';
import { IdempotencyInterceptor } from './conduct/idempotency.interceptor.js';
import { schemaPipe } from './conduct/schema.pipe.js';
import {
  COMMANDS_OF,
  CALLBACKS,
  type ControlRoomDependencies,
  FIRE_DIALECTS,
  LOG,
  INFLUX_HEALTH,
  READINESS,
  REPLAY_DEAD_LETTER,
  SETTINGS,
} from './dependencies.js';
import { AlarmCounter } from './figures/alarm-counter.js';
import { AlarmFiguresDesk } from './figures/alarm-figures.js';
import { ExposureRegister } from './figures/exposure-register.js';
import { FigureMetrics } from './figures/figure-metrics.js';
import { FiguresController } from './figures/figures.controller.js';
import { DutyChecksController } from './duty/duty-checks.controller.js';
import { DutyDesk } from './duty/duty-desk.js';
import { DutyPlansController } from './duty/duty-plans.controller.js';
import { AcceptanceController } from './fire/acceptance.controller.js';
import { AcceptanceDesk } from './fire/acceptance-desk.js';
import { FireComponentsController } from './fire/fire-components.controller.js';
import { FireDesk } from './fire/fire-desk.js';
import { FirePlacesController } from './fire/fire-places.controller.js';
import { FireDialectsController } from './fire/fire-dialects.controller.js';
import { FireUnitsController } from './fire/fire-units.controller.js';
import { PlanDesk } from './fire/plan-desk.js';
import { HealthController } from './health/health.controller.js';
import { Metrics } from './health/metrics.js';
import { HistoryDesk } from './history/history-desk.js';
import { HistoryExport } from './history/history-export.js';
import { HistoryParts } from './history/history-parts.js';
import { HistoryController } from './history/history.controller.js';
import { VisiblePoints } from './history/visible-points.js';
import { Readiness } from './health/readiness.js';
import { ServerHealthController } from './health/server-health.controller.js';
import { RequestMetricsInterceptor } from './health/request-metrics.interceptor.js';
import { CommandFeed } from './live/command-feed.js';
import { ControlRoomGateway } from './live/control-room.gateway.js';
import { LiveDoor } from './live/live-door.js';
import { LiveReports } from './live/live-reports.js';
import { LiveRoom } from './live/live-room.js';
import { Seats } from './live/seats.js';
import { WatchScope } from './live/watch-scope.js';
import { OpenApi } from './openapi/open-api.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { AuditController, DeadLettersController, UsersController } from './rest/administration.controller.js';
import { AlarmDesk } from './rest/alarm-desk.js';
import { AlarmLists } from './rest/alarm-lists.js';
import { AlarmsController } from './rest/alarms.controller.js';
import { CoveredRulesController } from './rest/covered-rules.controller.js';
import { FloodsController } from './rest/floods.controller.js';
import { AuthController } from './rest/auth.controller.js';
import { BackTestDesk } from './rest/back-test-desk.js';
import { BackTestsController } from './rest/back-tests.controller.js';
import { CatalogueController } from './rest/catalogue.controller.js';
import { ClaimsController, ProvisioningController } from './rest/claims.controller.js';
import { CredentialsController } from './rest/credentials.controller.js';
import { CommandDesk } from './rest/command-desk.js';
import { CommandsController } from './rest/commands.controller.js';
import { DeviceDesk } from './rest/device-desk.js';
import { DevicesController } from './rest/devices.controller.js';
import { OverviewController } from './rest/overview.controller.js';
import { PlacesController } from './rest/places.controller.js';
import { PointsController } from './rest/points.controller.js';
import { QuarantineController } from './rest/quarantine.controller.js';
import { RuleChanges } from './rest/rule-changes.js';
import { RulesController } from './rest/rules.controller.js';
import { SiteRulesController } from './rest/site-rules.controller.js';
import { ServerController } from './rest/server.controller.js';

const CONTROLLERS = [
  AuthController,
  ServerController,
  ServerHealthController,
  PlacesController,
  DevicesController,
  CredentialsController,
  ClaimsController,
  ProvisioningController,
  QuarantineController,
  CommandsController,
  HistoryController,
  PointsController,
  RulesController,
  BackTestsController,
  SiteRulesController,
  CatalogueController,
  AlarmsController,
  FloodsController,
  CoveredRulesController,
  ApprovalsController,
  DeadLettersController,
  UsersController,
  AuditController,
  OverviewController,
  FiguresController,
  FireDialectsController,
  FireUnitsController,
  FirePlacesController,
  FireComponentsController,
  AcceptanceController,
  DutyChecksController,
  DutyPlansController,
  CallbacksController,
  HealthController,
];

/** In the order in which they act: what has been answered before is neither done nor audited again. */
const CONDUCT: Provider[] = [
  { provide: APP_GUARD, useClass: SessionGuard },
  { provide: APP_INTERCEPTOR, useClass: RequestMetricsInterceptor },
  { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  { provide: APP_PIPE, useFactory: schemaPipe },
  { provide: APP_FILTER, useClass: ProblemFilter },
];

@Module({})
export class ControlRoomModule {
  /** The module over its collaborators, which are made elsewhere and outlive it. */
  static for(deps: ControlRoomDependencies): DynamicModule {
    return {
      module: ControlRoomModule,
      controllers: CONTROLLERS,
      providers: [...collaborators(deps), ...own(deps), ...CONDUCT],
    };
  }
}

function collaborators(deps: ControlRoomDependencies): Provider[] {
  return [
    { provide: Registry, useValue: deps.registry },
    { provide: Catalogue, useValue: deps.catalogue },
    { provide: EngineHost, useValue: deps.engine },
    { provide: History, useValue: deps.history },
    { provide: Journal, useValue: deps.journal },
    { provide: Commissioning, useValue: deps.commissioning },
    { provide: BackTests, useValue: deps.backTests },
    { provide: DeviceCommands, useValue: deps.commands },
    { provide: COMMANDS_OF, useValue: deps.commandsOf ?? (() => undefined) },
    { provide: DutyDispatch, useValue: deps.dutyDispatch ?? dispatchOf(deps) },
    { provide: Clock, useValue: deps.clock },
    { provide: LOG, useValue: deps.log },
    { provide: SETTINGS, useValue: deps.settings },
    { provide: REPLAY_DEAD_LETTER, useValue: deps.replayDeadLetter },
    { provide: CALLBACKS, useValue: deps.callbacks },
    { provide: FIRE_DIALECTS, useValue: deps.fireDialects ?? new Map() },
    { provide: READINESS, useValue: deps.readiness ?? (() => []) },
    { provide: INFLUX_HEALTH, useValue: deps.influx ?? (() => null) },
  ];
}

function dispatchOf({ registry, commands, commandsOf }: ControlRoomDependencies): DutyDispatch {
  const offers = (profile: string): boolean => commandsOf?.(profile)?.includes(DUTY_CHECK) ?? false;
  return new DutyDispatch({ registry, commands, offers });
}

function own({ clock, commands, settings, metrics = [] }: ControlRoomDependencies): Provider[] {
  return [
    SessionDoor,
    VisibleObjects,
    VisiblePoints,
    HistoryDesk,
    HistoryParts,
    HistoryExport,
    { provide: SignInThrottle, useFactory: () => new SignInThrottle(clock, settings.limits) },
    AuditTrail,
    AlarmLists,
    AlarmDesk,
    RuleChanges,
    Approvals,
    BackTestDesk,
    AlarmFiguresDesk,
    AlarmCounter,
    ExposureRegister,
    FigureMetrics,
    CommandDesk,
    DeviceDesk,
    FireDesk,
    PlanDesk,
    AcceptanceDesk,
    DutyDesk,
    OpenApi,
    Readiness,
    Seats,
    LiveReports,
    LiveDoor,
    CommandFeed,
    LiveRoom,
    WatchScope,
    ControlRoomGateway,
    {
      provide: Metrics,
      inject: [Seats, LiveReports, LiveRoom, AuditTrail, FigureMetrics],
      useFactory: (
        seats: Seats,
        reports: LiveReports,
        room: LiveRoom,
        trail: AuditTrail,
        figures: FigureMetrics,
      ) =>
        new Metrics([
          ...metrics,
          ...figures.sources(),
          { name: 'watchfire_live_pages', help: 'Live pages.', kind: 'gauge', read: () => seats.size },
          {
            name: 'watchfire_live_alarm_events_total',
            help: 'Alarm events sent to live pages.',
            kind: 'counter',
            read: () => reports.pushed,
          },
          {
            name: 'watchfire_live_gaps_total',
            help: 'Times that a page was told of a gap.',
            kind: 'counter',
            read: () => reports.gaps,
          },
          {
            name: 'watchfire_live_slow_pages_cut_total',
            help: 'Pages that were cut because they did not read.',
            kind: 'counter',
            read: () => reports.slowPagesCut,
          },
          {
            name: 'watchfire_live_readings_replaced_total',
            help: 'Live values that a newer one replaced before they were sent.',
            kind: 'counter',
            read: () => room.readingsReplaced,
          },
          {
            name: 'watchfire_device_commands_open',
            help: 'Commands that wait for a device or for its answer.',
            kind: 'gauge',
            read: () => commands.open,
          },
          {
            name: 'watchfire_audit_failures_total',
            help: 'Audit entries that went to the log because the trail did not take them.',
            kind: 'counter',
            read: () => trail.failed,
          },
        ]),
    },
  ];
}

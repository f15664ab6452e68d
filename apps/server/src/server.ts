import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackTests } from '@watchfire/back-test';
import {
  Catalogue,
  type DemoDistrict,
  loadDemoDistrict,
  loadDemoFireUnits,
  loadFireDialects,
} from '@watchfire/catalogue';
import { DeviceCommands, SystemTimers } from '@watchfire/commands';
import { Commissioning } from '@watchfire/commissioning';
import { createControlRoom, DEFAULT_LIMITS, type ReplayAnswer } from '@watchfire/control-room';
import { DUTY_CHECK, DutyDispatch } from '@watchfire/duty';
import {
  BacklogWatch,
  DeadLetterProjection,
  EngineHost,
  FireComponentProjection,
  HistoryOutbox,
  SystemClock,
} from '@watchfire/engine';
import {
  DeviceDirectory,
  type DeviceListening,
  ExternalBrokerGateway,
  FireCounters,
  GatewayCounters,
  Intake,
  type IntakeResult,
  MqttGateway,
  PlatformCallbacks,
  Repeats,
} from '@watchfire/gateway';
import { newId, verifyDeviceCredential } from '@watchfire/registry';
import { redacted, type Settings } from '@watchfire/settings';
import { type Logger } from 'pino';
import { loadFireRooms, loadFireUnits } from './demo-fire-units.js';
import { loadDistrict, refuseDemoData, writeCredentials } from './demo-mode.js';
import { BackupSocket } from './backup/backup-socket.js';
import { DeviceLink } from './device-link.js';
import { ensureAdministrator } from './first-administrator.js';
import { figureSettings, loadLimits } from './figure-settings.js';
import { backlogLimits } from './histories.js';
import { influxHealth, watchedBacklog } from './influx-health.js';
import { limitsOf } from './gateway-limits.js';
import { listenOn } from './listen.js';
import { Maintenance } from './maintenance.js';
import { metricSources } from './metrics.js';
import { commandsOf, deviationOf, openFireDoor } from './fire-door.js';
import { watchDuty } from './duty-watch.js';
import { projectPath } from './project-path.js';
import { REFUSED_LINE, replayRefused } from './refused-lines.js';
import { reloadCatalogue } from './reload-catalogue.js';
import { openStores } from './stores.js';

export interface ServerOptions {
  readonly settings: Settings;
  readonly demo: boolean;
  readonly log: Logger;
}

export interface Server {
  /** Where people find the page. */
  readonly url: string;
  /** Reads the files of the catalogue again; a bad file changes nothing. What came of it is in the log and the audit trail. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

class RolesError extends Error {
  readonly code = 'roles_apart';
}

/** Starts everything in the order of docs/architecture.md; what was started is stopped again when a later part fails. */
export async function startServer({ settings, demo, log }: ServerOptions): Promise<Server> {
  const started: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of started.splice(0).reverse()) await stopPart();
  };
  try {
    const { url, reload } = await startParts(settings, demo, log, (part) => started.push(part));
    return { url, reload, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  settings: Settings,
  demo: boolean,
  log: Logger,
  onStop: (stopPart: () => unknown) => void,
): Promise<Omit<Server, 'stop'>> {
  log.info({ settings: redacted(settings) }, 'settings');
  if (new Set(settings.roles).size < 3) {
    throw new RolesError(
      'The embedded journal belongs to one process: roles must be gateway, engine and console.',
    );
  }
  if (!demo) await refuseDemoData(settings.data);
  const clock = new SystemClock();
  const catalogue = await Catalogue.load(projectPath('config/catalogue'));
  const dialects = await loadFireDialects(projectPath('config/catalogue/fire'));

  const { journal, registry, history, distant, local } = await openStores(settings, clock, log);
  onStop(() => journal.close());
  onStop(() => registry.close());
  onStop(() => history.close());

  const load = loadLimits(settings.figures.limits);
  const engine = await EngineHost.start({ journal, history, clock, log, load });
  onStop(() => engine.stop());
  const outbox = distant && new HistoryOutbox({ ...distant, journal, engine, clock, log });
  await outbox?.start();
  onStop(() => outbox?.stop());
  const influx = outbox && distant && (() => influxHealth(outbox, distant));
  const backlogWatch = new BacklogWatch({
    journal,
    engine,
    backlog: outbox && distant && (() => watchedBacklog(outbox, distant, clock)),
    limits: backlogLimits(settings.history.influx),
    log,
  });
  backlogWatch.start();
  onStop(() => backlogWatch.stop());
  const deadLetters = new DeadLetterProjection(journal, registry, log);
  await deadLetters.start();
  onStop(() => deadLetters.stop());

  const directory = new DeviceDirectory();
  const commissioning = new Commissioning({
    registry,
    catalogue,
    journal,
    directory,
    engine,
    clock,
    provisioning: settings.provisioning,
    fireDialects: new Set(dialects.keys()),
  });
  const changed = await commissioning.reconcile();
  if (changed > 0) log.info({ changed }, 'devices brought in line with registry and catalogue');
  commissioning.start((error) => log.error({ err: error }, 'credentials were not kept up to date'));
  onStop(() => commissioning.stop());
  const fireComponents = new FireComponentProjection({
    journal,
    registry,
    deviationOf: (deviceId) => deviationOf(dialects, directory.find(deviceId)),
    log,
  });
  await fireComponents.start();
  onStop(() => fireComponents.stop());
  let district: DemoDistrict | undefined;
  let devices: Record<string, string> = {};
  if (demo) {
    const demoFolder = projectPath('config/demo');
    district = await loadDemoDistrict(demoFolder);
    devices = await loadDistrict(district, { registry, commissioning, dataFolder: settings.data, log });
    const fireUnits = await loadDemoFireUnits(demoFolder);
    await loadFireRooms(fireUnits, registry, commissioning);
    await loadFireUnits(fireUnits, registry, join(demoFolder, 'plans'));
  } else {
    await ensureAdministrator(registry, settings.adminPassword);
  }

  const limits = limitsOf(settings.mqtt);
  const counters = new GatewayCounters();
  const fireCounters = new FireCounters();
  const link = new DeviceLink();
  const commands = new DeviceCommands({
    journal,
    store: registry.deviceCommands,
    timers: new SystemTimers(),
    carrier: link,
    clock,
    newId: () => newId('cmd'),
    log,
  });
  await commands.start();
  onStop(() => commands.stop());
  const dutyDispatch = new DutyDispatch({
    registry,
    commands,
    offers: (profile) => commandsOf(profile)?.includes(DUTY_CHECK) ?? false,
  });
  const repeats = new Repeats((deviceId) => engine.sequence(deviceId));
  const intake = new Intake({
    journal,
    directory,
    clock: () => clock.now(),
    limits,
    counters,
    repeats,
    commands,
    attributesOf: (deviceId) => engine.attributes(deviceId),
  });
  const listening: DeviceListening = {
    awaited: (deviceId) => commands.awaiting(deviceId),
    onListening: (deviceId) => commands.deviceReady(deviceId),
    onDelivered: (deviceId, commandId) => delivered(commands, deviceId, commandId, log),
  };
  const gateway = await MqttGateway.create({
    ...listening,
    journal,
    directory,
    intake,
    repeats,
    splitter: settings.mqtt.splitter,
    ...(settings.provisioning.enabled
      ? {
          provision: (document: unknown, address: string) =>
            commissioning.provisioning.provisionThingsBoard(document, address),
        }
      : {}),
    verifyCredential: verifyDeviceCredential,
    clock,
    limits,
    counters,
    log,
    credentialUsed: (credentialId, address) => commissioning.credentials.used(credentialId, address),
  });
  const callbacks = new PlatformCallbacks({
    integrations: settings.callbacks,
    journal,
    directory,
    intake,
    events: registry.callbackEvents,
    clock,
    limits,
    counters,
    log,
  });
  const waiting = callbacks.withoutDevice();
  if (waiting.length > 0) log.warn({ waiting }, 'callbacks take nothing: their gatewayId is not registered');
  let mqttPort: number | null = null;
  let externalBroker: ExternalBrokerGateway | undefined;
  const { maxLateMs, maxAheadMs } = limits;
  const backTests = new BackTests({ history, clock, newId: () => newId('bkt'), maxLateMs, maxAheadMs });
  onStop(() => backTests.stop());
  const controlRoom = await createControlRoom({
    registry,
    catalogue,
    engine,
    history,
    journal,
    commissioning,
    commands,
    backTests,
    callbacks,
    fireDialects: dialects,
    commandsOf,
    dutyDispatch,
    replayDeadLetter: async (letter) =>
      distant !== undefined && letter.code === REFUSED_LINE
        ? replayRefused(distant.distant, letter.payload)
        : replayed(await intake.replay(letter)),
    clock,
    log,
    settings: {
      version: await version(),
      mqttPort: () => mqttPort,
      secureCookie: settings.http.secureCookie,
      trustProxy: settings.http.trustProxy,
      sessionLifetimeMs: settings.sessions.lifetimeHours * 3_600_000,
      samplesKeptMs: settings.history.telemetryDays * 86_400_000,
      allowedOrigins: settings.http.allowedOrigins,
      pageDirectory: pageDirectory(log),
      demoAccounts: district?.accounts ?? null,
      figures: figureSettings(settings.figures),
      limits: { ...DEFAULT_LIMITS, callbackBytes: limits.maxPacketBytes },
    },
    ...(influx && { influx }),
    readiness: () => {
      const reason = externalBroker?.health().reason;
      return reason === undefined ? [] : [reason];
    },
    metrics: metricSources({ counters, fireCounters, journal, engine, commissioning, clock, influx }),
  });
  link.open(gateway);
  gateway.attach(controlRoom.httpServer);
  const httpPort = await listenOn({
    what: 'the page and the API',
    variable: 'WATCHFIRE_HTTP_PORT',
    port: settings.http.port,
    nextFree: demo,
    log,
    listen: (port) => controlRoom.listen(port, settings.http.host),
  });
  onStop(() => controlRoom.stop());

  const maintenance = new Maintenance({
    settings,
    journal,
    history,
    registry,
    engine,
    deadLetters,
    fireComponents,
    outbox,
    commands,
    clock,
    log,
  });
  maintenance.start();
  onStop(() => maintenance.stop());

  // Devices last: nothing may be accepted before everything behind it stands.
  mqttPort = await listenOn({
    what: 'MQTT',
    variable: 'WATCHFIRE_MQTT_PORT',
    port: settings.mqtt.port,
    nextFree: demo,
    log,
    listen: (port) => gateway.listen(port, settings.mqtt.host),
  });
  onStop(() => gateway.stop());
  const { port: tlsPort, ...tls } = settings.mqtt.tls;
  if (tlsPort !== null) {
    await listenOn({
      what: 'MQTT over TLS',
      variable: 'mqtt.tls.port',
      port: tlsPort,
      nextFree: demo,
      log,
      listen: (port) => gateway.listenTls(port, settings.mqtt.host, tls),
    });
  }
  const fire = await openFireDoor({
    settings,
    dialects,
    journal,
    directory,
    engine,
    clock,
    counters: fireCounters,
    commands,
    link,
    log,
    demo,
  });
  onStop(() => fire.stop());
  // Plans ask when rooms can be there; what closed meanwhile is told when their keys can be heard.
  const duty = watchDuty({
    journal,
    registry,
    directory,
    dialects,
    commands,
    fireComponents,
    dutyDispatch,
    clock,
    log,
  });
  onStop(() => duty.stop());
  const { external } = settings.mqtt;
  if (external.url !== null) {
    const broker = ExternalBrokerGateway.start({
      ...listening,
      journal,
      directory,
      intake,
      clock,
      limits,
      counters,
      log,
      options: { ...external, url: external.url },
    });
    externalBroker = broker;
    link.open(broker);
    onStop(() => broker.stop());
  }
  const backup = await BackupSocket.start(settings.data, local, log);
  onStop(() => backup.stop());
  log.info({ mqttPort, httpPort, firePort: fire.port, fireTlsPort: fire.tlsPort }, 'listening');
  if (demo) {
    const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`;
    await writeCredentials(settings.data, { mqttUrl, firePort: fire.port, devices });
  }
  return {
    url: `http://${hostForPeople(settings.http.host)}:${httpPort}`,
    reload: () => reloadCatalogue({ registry, commissioning, log }),
  };
}

/** A wildcard address is where a server listens, not where a browser goes. */
function hostForPeople(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** A letter that was usable in part is still a letter: it says what was refused again. */
function replayed({ refusals }: IntakeResult): ReplayAnswer {
  const [refusal] = refusals;
  return refusal === undefined ? { ok: true } : { ok: false, code: refusal.code, message: refusal.message };
}

/** The dialect knows no reply: what has been delivered is done. */
function delivered(commands: DeviceCommands, deviceId: string, commandId: string, log: Logger): void {
  commands.replied(deviceId, commandId, true, { delivered: true }).catch((error: unknown) => {
    log.error({ err: error, deviceId, commandId }, 'the delivery of a command was not recorded');
  });
}

async function version(): Promise<string> {
  const { version: text } = JSON.parse(await readFile(projectPath('package.json'), 'utf8')) as {
    version: string;
  };
  return text;
}

function pageDirectory(log: Logger): string | null {
  const folder = projectPath('dist/apps/console');
  if (existsSync(folder)) return folder;
  log.warn('the page was not built (npm run build): serving the API alone');
  return null;
}

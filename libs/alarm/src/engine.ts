import { type ReadingColumns } from '@watchfire/readings';
import { Acts, type Refused } from './acts.js';
import { byBirth } from './birth-order.js';
import { ClockCheck } from './clock-check.js';
import { ColumnReader, NOTHING_READ } from './column-reader.js';
import { faultsOf, reconfigure, stopFilters, unwatch } from './configuration.js';
import { coveredRule, type CoveredRule } from './covered-rule.js';
import { DeadMen } from './dead-man.js';
import { Deadlines } from './deadlines.js';
import { Enabling } from './enabling.js';
import { Evaluator } from './evaluator.js';
import { exposureOf, type DeviceExposure } from './exposure.js';
import { FlappingCheck } from './flapping-check.js';
import { fault } from './fault.js';
import { Following } from './following.js';
import { Inhibition, namesOthers } from './inhibition.js';
import { Lane } from './lane.js';
import { Load } from './load.js';
import {
  type AlarmView,
  type DeviceConfiguration,
  type EngineInput,
  type EngineRecord,
  type FloodRecord,
  type Outcome,
  type ReadingsOutcome,
} from './model.js';
import { Overlays } from './overlays.js';
import { TransitionRecorder } from './recorder.js';
import { Rest, REST_LIMITS, type RestLimits } from './rest.js';
import { type RuleFault, ruleFaultOf } from './rule-check.js';
import { faultAlarmsOf, RuleFaults } from './rule-faults.js';
import {
  lanesOf,
  snapshotLanes,
  SNAPSHOT_VERSION,
  type AnySnapshot,
  type EngineSnapshot,
} from './snapshot.js';
import { ServerConditions } from './server-conditions.js';
import { DeviceState, type Scheduled, type Watch } from './watch.js';

/** The reason of a connection record. */
const TAKEN_OVER = 'taken_over';

const NOTHING: Outcome = { transitions: [] };

type Input<K extends EngineInput['kind']> = Extract<EngineInput, { kind: K }>;

/**
 * The alarm engine: a pure function of the journal. The same records give the same alarms, ids and transitions, whether
 * they are applied in one go, again from the beginning, or from a snapshot on. Its rules are docs/spec/alarms.md.
 */
export class AlarmEngine {
  private readonly lanes = new Map<string, Lane>();
  /** Of all lanes. */
  private readonly devices = new Map<string, DeviceState>();
  private readonly deadlines = new Deadlines<Scheduled>();
  private readonly rest: Rest;
  private readonly recorder: TransitionRecorder;
  private readonly deadMen: DeadMen;
  private readonly flapping: FlappingCheck;
  private readonly overlays: Overlays;
  private readonly ruleFaults: RuleFaults;
  private readonly evaluator: Evaluator;
  private readonly inhibition: Inhibition;
  private readonly acts: Acts;
  private readonly columns: ColumnReader;
  private readonly load: Load;
  private readonly serverConditions: ServerConditions;

  private constructor(
    private lastOffset: number,
    private now: number,
    seq: number,
    limits: RestLimits,
  ) {
    this.rest = new Rest(this.deadlines, limits);
    this.recorder = new TransitionRecorder(seq);
    this.deadMen = new DeadMen(this.recorder, this.deadlines);
    this.flapping = new FlappingCheck(this.recorder, this.deadlines);
    const clocks = new ClockCheck(this.recorder);
    this.overlays = new Overlays(this.recorder);
    this.ruleFaults = new RuleFaults(this.recorder, this.deadlines, this.overlays);
    this.inhibition = new Inhibition(this.lanes, this.overlays);
    const checks = {
      deadMen: this.deadMen,
      clocks,
      flapping: this.flapping,
      overlays: this.overlays,
      faults: this.ruleFaults,
      inhibition: this.inhibition,
      enabling: new Enabling(this.overlays),
    };
    this.evaluator = new Evaluator(this.rest.rows, this.recorder, this.deadlines, checks);
    const parts = { recorder: this.recorder, overlays: this.overlays, evaluator: this.evaluator };
    this.acts = new Acts(this.devices, this.lanes, parts);
    const following = new Following(this.evaluator, this.inhibition);
    this.recorder.onMoved = (watch, before) => following.follow(watch, before);
    this.recorder.isFirstInGroup = (watch) => this.isFirstInGroup(watch);
    this.columns = new ColumnReader(this.devices, this.evaluator, this.recorder);
    const { recorder, overlays, deadlines, rest: storage } = this;
    this.load = new Load({ recorder, overlays, deadlines, storage });
    this.serverConditions = new ServerConditions({ recorder, overlays, storage });
  }

  /** `limits` change nothing that can be seen from outside but the use of memory. */
  static create(limits = REST_LIMITS): AlarmEngine {
    return new AlarmEngine(0, 0, 0, limits);
  }

  /** Reads this version and those before; throws when the snapshot is of another: the journal is then the source. */
  static restore(snapshot: AnySnapshot, limits = REST_LIMITS): AlarmEngine {
    const engine = new AlarmEngine(snapshot.offset, snapshot.time, snapshot.seq, limits);
    const open: Watch[] = [];
    engine.evaluator.setTime(snapshot.time);
    for (const lane of lanesOf(snapshot, engine.rest)) {
      engine.lanes.set(lane.siteId, lane);
      for (const [deviceId, device] of lane.devices) {
        engine.devices.set(deviceId, device);
        engine.rest.add(device);
        for (const watch of device.watches) {
          engine.evaluator.rearm(watch);
          if (watch.alarm !== null) open.push(watch);
          if (watch.alarm !== null || watch.overlay !== null) engine.overlays.adopt(watch);
        }
        engine.scheduleHeld(device);
        for (const watch of faultAlarmsOf(device)) {
          engine.evaluator.rearm(watch);
          engine.overlays.adopt(watch);
          if (watch.alarm !== null) open.push(watch);
        }
        engine.rest.settle(snapshot.time);
      }
    }
    if ('load' in snapshot && snapshot.load !== undefined) open.push(...engine.load.restore(snapshot.load));
    if ('server' in snapshot && snapshot.server !== undefined)
      open.push(...engine.serverConditions.restore(snapshot.server));
    open.sort((a, b) => byBirth(a.alarm?.id ?? '', b.alarm?.id ?? ''));
    for (const watch of open) engine.recorder.retain(watch);
    return engine;
  }

  /** Number of the newest transition; 0 before the first. */
  get seq(): number {
    return this.recorder.seq;
  }

  /** Journal time of the newest record, epoch ms. */
  get time(): number {
    return this.now;
  }

  /** Offset of the newest record that was applied; 0 before the first. */
  get offset(): number {
    return this.lastOffset;
  }

  /**
   * Applies one record: first time, with everything that became due by then, then the input. A record that was applied
   * before changes nothing. [AL20] [AL31]
   */
  apply(record: EngineRecord): Outcome {
    if (record.offset <= this.lastOffset) return NOTHING;
    this.lastOffset = record.offset;
    if (record.at > this.now) this.now = record.at;
    this.recorder.begin(record.offset, this.now);
    if (record.input.kind === 'start') {
      for (const device of this.devices.values()) this.excuse(device);
    }
    this.evaluator.advance(this.now);
    if (record.input.kind === 'start') {
      // A snapshot of an older version does not have them.
      for (const device of this.devices.values()) {
        if (device.resting === undefined) this.ruleFaults.tellFaults(device, this.now);
      }
    }
    const refused = this.take(record.input);
    this.rest.settle(this.now);
    const transitions = this.recorder.taken();
    if (refused !== undefined) return { transitions, refused };
    return transitions.length === 0 ? NOTHING : { transitions };
  }

  /**
   * Applies readings that were journalled together at `at`, the first as the record `offset`, the next as `offset + 1`, and so
   * on: exactly as if each had been applied alone.
   */
  applyReadings(offset: number, at: number, readings: ReadingColumns): ReadingsOutcome {
    const first = Math.max(0, this.lastOffset + 1 - offset);
    if (first >= readings.count) return NOTHING_READ;
    this.lastOffset = offset + readings.count - 1;
    if (at > this.now) this.now = at;
    const outcome = this.columns.apply(readings, first, offset, this.now);
    this.rest.settle(this.now);
    return outcome;
  }

  /** The earliest deadline that is pending, journal time; a record at that time or later makes it fire. */
  nextDeadline(): number | undefined {
    return earlier(this.deadlines.next(), this.overlays.nextDeadline());
  }

  /** No deadline is pending before this, journal time. Unlike the exact one it costs nothing to ask for after every record. */
  noDeadlineBefore(): number | undefined {
    return earlier(this.deadlines.lowerBound(), this.overlays.noDeadlineBefore());
  }

  /** Plain JSON; equal states give equal bytes. It shares its parts with the engine, which never change them. */
  snapshot(): EngineSnapshot {
    const load = this.load.snapshot(this.now);
    const server = this.serverConditions.snapshot();
    return {
      version: SNAPSHOT_VERSION,
      offset: this.lastOffset,
      time: this.now,
      seq: this.recorder.seq,
      ...snapshotLanes(this.lanes.values(), this.now, (device) => this.rest.snapshot(device)),
      ...(load !== undefined && { load }),
      ...(server.length > 0 && { server }),
    };
  }

  /** Every alarm that is not NORM, in the order of their birth. */
  alarms(): Iterable<AlarmView> {
    return this.recorder.alarms();
  }

  /** The alarm of that id, while it is not NORM. */
  alarm(id: string): AlarmView | undefined {
    return this.recorder.find(id)?.alarm ?? undefined;
  }

  /** Whether the server has said this of itself, and not yet that it is over. */
  serverCondition(name: string): boolean {
    return this.serverConditions.isActive(name);
  }

  /** Floods of sites and of the centre: those that last, then those that are over, the newest first, as many as are kept. */
  floods(): readonly FloodRecord[] {
    return this.load.all();
  }

  device(deviceId: string): DeviceConfiguration | undefined {
    return this.devices.get(deviceId)?.configuration;
  }

  /** How many devices the engine keeps whole; of the others it keeps their numbers. */
  get awakeDevices(): number {
    return this.rest.awakeCount;
  }

  deviceIds(): Iterable<string> {
    return this.devices.keys();
  }

  /**
   * By how many ms the clock of the device is behind, at most; negative when it is ahead. The best of its messages counts, of
   * five minutes to ten, or one to two windows of its clock rule. Undefined when it never sent a time.
   */
  clockSkew(deviceId: string): number | undefined {
    const skew = this.devices.get(deviceId)?.clock.skew;
    return Number.isNaN(skew) ? undefined : skew;
  }

  /** Every rule that is shelved, suppressed by design, out of service or disabled, by device and rule. */
  covered(): readonly CoveredRule[] {
    return this.overlays.all().map(coveredRule);
  }

  /** Rules that cannot be evaluated: what they should watch is blind. */
  faults(): readonly RuleFault[] {
    return [...this.devices.values()].flatMap((device) => [
      ...faultsOf(device),
      ...this.inhibition
        .circlesOf(device)
        .map(({ rule }) => ruleFaultOf(device.configuration.deviceId, rule.key, fault('circle'))),
    ]);
  }

  /**
   * What is not watched now, device by device, in no order; it costs a look at every point. `safetyClasses`: the signal classes
   * whose points are safety points. [EX1]
   */
  *exposure(safetyClasses: ReadonlySet<string>): Iterable<DeviceExposure> {
    for (const device of this.devices.values()) {
      yield this.rest.lookAt(device, () => exposureOf(device, safetyClasses));
    }
  }

  private excuse(device: DeviceState): void {
    if (device.resting === undefined) this.deadMen.excuse(device, this.now);
    else this.rest.excuse(device, this.now);
  }

  private take(input: EngineInput): Refused | undefined {
    switch (input.kind) {
      case 'reading':
        this.read(input);
        return undefined;
      case 'connection':
        this.connect(input);
        return undefined;
      case 'clock-set':
        this.devices.get(input.deviceId)?.clock.forget();
        return undefined;
      case 'configure':
        if (input.change !== undefined) this.recorder.actAs(input.change.actor, input.change.reason);
        this.configure(input.device);
        return undefined;
      case 'remove':
        this.remove(input);
        return undefined;
      case 'command': {
        const { command, actor, comment } = input;
        return this.acts.take(command, { actor, comment, now: this.now });
      }
      case 'start':
        if (input.load !== undefined) this.load.limit(input.load);
        if (input.restate === true) this.recorder.restate();
        return undefined;
      case 'server-condition':
        this.serverConditions.tell(input, this.now);
        return undefined;
      case 'tick':
        return undefined;
    }
  }

  private read({ deviceId, ts, receivedAt, deviceTime, historical, samples }: Input<'reading'>): void {
    const device = this.devices.get(deviceId);
    if (device === undefined || historical) return;
    this.evaluator.receive(ts, receivedAt);
    device.judgedAt = this.now;
    const delay = deviceTime === undefined ? NaN : receivedAt - deviceTime;
    if (this.evaluator.mayTellTime(device.row, delay)) this.evaluator.observeClock(device, delay);
    for (const { pointId, value, quality } of samples) {
      const point = device.points.get(pointId);
      if (point !== undefined) this.evaluator.sample(point, value, quality);
    }
  }

  private connect({ deviceId, connected, reason }: Input<'connection'>): void {
    const device = this.devices.get(deviceId);
    if (device === undefined) return;
    this.setConnected(device, connected);
    // The older connection ends with it; the device itself stays connected.
    if (reason === TAKEN_OVER) this.flapping.takenOver(device, this.now);
  }

  private setConnected(device: DeviceState, connected: boolean): void {
    if (device.connected === connected) return;
    // Being told that a device which was never here is not here must not give it more time to appear. [AL24]
    if (device.connected === undefined && !connected) return;
    device.connected = connected;
    if (!connected) device.silentSince = this.now;
    for (const watch of device.watches) {
      if (watch.fault === undefined && watch.rule.condition.kind === 'offline') {
        this.deadMen.arm(watch, this.now);
      }
    }
  }

  private configure(configuration: DeviceConfiguration): void {
    const { deviceId, siteId } = configuration;
    const lane = this.lane(siteId);
    let device = this.devices.get(deviceId);
    if (device === undefined) {
      device = new DeviceState(lane, deviceId, configuration, this.now);
      this.devices.set(deviceId, device);
      this.rest.add(device);
    } else if (device.site !== lane) {
      this.leave(device);
    }
    device.site = lane;
    lane.devices.set(deviceId, device);
    const pointsBefore = [...device.points.keys()];
    const gatewayBefore = device.configuration.link?.gatewayId ?? null;
    const around = this.inhibition.around(device);
    this.reconfigure(lane, device, configuration);
    lane.setGateway(device, gatewayBefore, configuration.link?.gatewayId ?? null);
    if (configuration.rules.some(namesOthers)) lane.inhibiting.add(device);
    else lane.inhibiting.delete(device);
    this.inhibitAnew([...around, ...this.inhibition.around(device)]);
    this.tellReaders(lane, [...pointsBefore, ...device.points.keys()]);
  }

  private reconfigure(lane: Lane, device: DeviceState, configuration: DeviceConfiguration): void {
    const { changed, replaced, removed } = reconfigure(lane, device, configuration, this.now);
    this.columns.forget(configuration.deviceId);
    for (const watch of replaced) this.overlays.release(watch);
    for (const watch of removed) this.removeAlarm(watch);
    for (const watch of changed) {
      this.recorder.retain(watch);
      this.overlays.adopt(watch);
      this.evaluator.present(watch);
    }
    this.ruleFaults.tellFaults(device, this.now);
    this.scheduleHeld(device);
  }

  private scheduleHeld({ points }: DeviceState): void {
    for (const { reorder } of points.values()) {
      if (reorder !== undefined) this.deadlines.schedule(reorder);
    }
  }

  /** Rules that suppress others, or what they suppress, have changed: the reasons follow the alarms that are active now. */
  private inhibitAnew(watches: readonly Watch[]): void {
    for (const watch of new Set(watches)) {
      if (watch.device.watches.includes(watch)) this.inhibition.apply(watch, this.now);
    }
  }

  /** No other alarm of its group is active at the site. [AL122] */
  private isFirstInGroup({ device, rule }: Watch): boolean {
    const { firstOutGroup } = rule;
    if (firstOutGroup === undefined) return false;
    return !this.recorder.some(
      (other) =>
        other.alarm?.active === true &&
        other.rule.firstOutGroup === firstOutGroup &&
        other.device.configuration.siteId === device.configuration.siteId,
    );
  }

  /** Rules of other devices find the points that have come, and miss those that have gone. [AL112] */
  private tellReaders(lane: Lane, pointIds: readonly string[]): void {
    for (const reader of lane.readersOf(pointIds)) this.reconfigure(lane, reader, reader.configuration);
  }

  private lane(siteId: string): Lane {
    const known = this.lanes.get(siteId);
    if (known !== undefined) return known;
    const lane = new Lane(siteId, this.rest);
    this.lanes.set(siteId, lane);
    return lane;
  }

  private remove({ deviceId, actor }: Input<'remove'>): void {
    const device = this.devices.get(deviceId);
    if (device === undefined) return;
    this.devices.delete(deviceId);
    this.rest.remove(device);
    this.columns.forget(deviceId);
    this.recorder.actAs(actor, null);
    this.leave(device);
    for (const { reorder } of device.points.values()) reorder?.stop();
  }

  /**
   * The device is no longer of its site: its alarms end there, and what reads its points is told. Where it goes to another
   * site its rules are judged anew, so that what is still true is raised, and announced, where the device now is. [AL111]
   */
  private leave(device: DeviceState): void {
    const { deviceId } = device;
    const { siteId } = device.configuration;
    const lane = this.lane(siteId);
    for (const watch of unwatch(lane, device)) this.removeAlarm(watch);
    for (const watch of faultAlarmsOf(device)) {
      stopFilters(watch);
      this.removeAlarm(watch);
    }
    device.faultAlarms = undefined;
    lane.devices.delete(deviceId);
    lane.inhibiting.delete(device);
    lane.setGateway(device, device.configuration.link?.gatewayId ?? null, null);
    this.tellReaders(lane, [...device.points.keys()]);
    if (lane.devices.size === 0) this.lanes.delete(siteId);
  }

  private removeAlarm(watch: Watch): void {
    if (watch.alarm !== null)
      this.recorder.move(watch, 'REMOVE', { eventAt: this.now, receivedAt: this.now });
    this.overlays.release(watch);
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

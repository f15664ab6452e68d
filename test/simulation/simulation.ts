import { createHash } from 'node:crypto';
import {
  AlarmEngine,
  type AlarmView,
  type DeviceConfiguration,
  type EngineInput,
  type EngineRecord,
  type EngineSnapshot,
  LOAD_LIMITS,
  type Sample,
} from '@watchfire/alarm';
import { Broken, Checks } from './checks.js';
import { type Installed, Signal } from './district.js';
import { actOf } from './operator.js';
import { Random } from './random.js';

const START = Date.UTC(2026, 0, 5, 8);
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

export interface SimulationOptions {
  readonly seed: number;
  readonly durationMs: number;
  readonly devices: readonly Installed[];
}

export interface SimulationReport {
  readonly records: number;
  readonly transitions: number;
  readonly crashes: number;
  readonly refusals: ReadonlyMap<string, number>;
  /** Of sites and of the centre, as many as are kept. */
  readonly floods: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly journal: readonly EngineRecord[];
  /** SHA-256 over every transition, in order. */
  readonly history: string;
}

/** Something that happens again and again. */
interface Actor {
  due: number;
  act(): void;
}

/** One device in the field: its signals, its clock, its link, and what it could not send yet. */
interface Field {
  readonly installed: Installed;
  readonly signals: readonly { readonly pointId: string; readonly signal: Signal }[];
  readonly intervalMs: number;
  skewMs: number;
  isOnline: boolean;
  variant: number;
  buffered: EngineInput[];
  last: EngineInput | undefined;
}

/**
 * A district for some time: devices, links, clocks, operators, configuration, and a server that dies. Everything follows from the
 * seed. Rules: docs/spec/simulation.md.
 */
export class Simulation {
  private readonly random: Random;
  private readonly journal: EngineRecord[] = [];
  private readonly hash = createHash('sha256');
  private readonly fields: readonly Field[];
  private readonly actors: Actor[] = [];
  private readonly configurations = new Map<string, DeviceConfiguration>();
  private readonly checks = new Checks((deviceId, rule) => this.kindOf(deviceId, rule));
  private readonly refusals = new Map<string, number>();
  /** The two newest snapshots as they are on the disk; the newest may be torn. */
  private snapshots: string[] = [];
  private engine = AlarmEngine.create();
  private now = START;
  private crashes = 0;
  private passedEventId = '0-0';
  /** A rule that is disabled has no alarm by which somebody would find it. */
  private readonly disabled: { readonly deviceId: string; readonly ruleKey: string }[] = [];

  constructor(private readonly options: SimulationOptions) {
    this.random = new Random(options.seed);
    this.fields = options.devices.map((installed) => this.field(installed));
  }

  /** @throws Broken with the seed and the step where an invariant does not hold. */
  run(): SimulationReport {
    try {
      return this.play();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      const newest = this.journal.slice(-3).map((record) => JSON.stringify(record));
      throw new Error(
        `${error.message}\n  seed ${this.options.seed}, step ${this.journal.length}, ${new Date(this.now).toISOString()}\n` +
          `  again: WATCHFIRE_SIMULATION_SEED=${this.options.seed}\n  ${newest.join('\n  ')}`,
        { cause: error },
      );
    }
  }

  private play(): SimulationReport {
    for (const field of this.fields) {
      this.configure(field);
      this.connect(field, true, 'connect');
      this.repeat(field.intervalMs, () => this.measure(field));
      this.repeat(3 * HOUR, () => this.loseLink(field));
    }
    this.repeat(90 * SECOND, () => this.operate());
    this.repeat(6 * HOUR, () => this.changeConfiguration());
    this.repeat(12 * HOUR, () => this.changeDevice());
    this.repeat(30 * MINUTE, () => this.saveSnapshot());
    this.repeat(4 * HOUR, () => this.crash());
    const end = START + this.options.durationMs;
    for (;;) {
      const next = this.actors.reduce((first, actor) => (actor.due < first.due ? actor : first));
      if (next.due >= end) break;
      this.passTime(next.due);
      next.act();
    }
    this.passTime(end);
    this.lookAtEnd();
    return {
      records: this.journal.length,
      transitions: this.engine.seq,
      crashes: this.crashes,
      refusals: this.refusals,
      floods: this.engine.floods().length,
      counts: this.checks.counts,
      journal: this.journal,
      history: this.hash.digest('hex'),
    };
  }

  private repeat(meanMs: number, act: () => void): void {
    const actor: Actor = {
      due: this.now + this.random.wait(meanMs),
      act: () => {
        actor.due = this.now + this.random.wait(meanMs);
        act();
      },
    };
    this.actors.push(actor);
  }

  /** The server's ticks, some ms late each, up to this moment. */
  private passTime(until: number): void {
    for (;;) {
      const due = this.engine.nextDeadline();
      if (due === undefined || due > until) break;
      this.now = Math.min(until, Math.max(this.now, due + this.random.below(30)));
      this.record({ kind: 'tick' });
    }
    this.now = Math.max(this.now, until);
  }

  private record(input: EngineInput): void {
    const record = { offset: this.journal.length + 1, at: this.now, input };
    this.journal.push(record);
    const outcome = this.engine.apply(record);
    for (const transition of outcome.transitions) this.hash.update(JSON.stringify(transition));
    this.checks.outcome(record, outcome);
    const refusal = outcome.refused?.code;
    if (refusal !== undefined) this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
    if (this.random.chance(0.002)) this.applyAgain();
  }

  /** What was applied is not applied twice. [SM6] */
  private applyAgain(): void {
    const old = this.random.of(this.journal);
    if (this.engine.apply(old).transitions.length > 0) throw new Broken('[SM6] a record was applied twice');
  }

  private field(installed: Installed): Field {
    const { deviceId, profile } = installed;
    return {
      installed,
      signals: profile.points.map((point) => ({
        pointId: `${deviceId}.${point.key}`,
        signal: new Signal(point, profile, this.random),
      })),
      intervalMs: this.random.between(2 * MINUTE, 6 * MINUTE),
      skewMs: 0,
      isOnline: false,
      variant: 0,
      buffered: [],
      last: undefined,
    };
  }

  private configure(field: Field, drill = false): void {
    const device = field.installed.configuration(field.variant, drill);
    this.configurations.set(device.deviceId, device);
    this.record({ kind: 'configure', device });
  }

  private connect(field: Field, connected: boolean, reason: string): void {
    field.isOnline = connected;
    this.record({ kind: 'connection', deviceId: field.installed.deviceId, connected, reason });
    if (!connected) return;
    // What was measured without a link comes now, late, and not always in its order.
    const late = field.buffered.splice(0);
    if (this.random.chance(0.3)) late.reverse();
    for (const input of late) {
      if (input.kind !== 'reading') continue;
      const historical = this.now - input.ts > 6 * HOUR;
      this.record({ ...input, receivedAt: this.now, historical });
    }
  }

  private measure(field: Field): void {
    const { random } = this;
    if (random.chance(0.005)) field.skewMs = random.of([0, 0, -90_000, 45_000, 120_000, -3_000]);
    const said = this.now - random.below(200) + field.skewMs;
    // The gateway believes a device within bounds; what it says of its clock is kept in any case.
    const isBelieved = said <= this.now + MINUTE;
    const reading: EngineInput = {
      kind: 'reading',
      deviceId: field.installed.deviceId,
      receivedAt: this.now,
      ts: isBelieved ? said : this.now,
      deviceTime: said,
      historical: false,
      samples: this.samples(field, isBelieved),
    };
    if (!field.isOnline) {
      if (field.buffered.length < 200) field.buffered.push(reading);
      return;
    }
    this.record(reading);
    if (random.chance(0.02)) this.record(reading);
    if (random.chance(0.02) && field.last !== undefined)
      this.record({ ...field.last, receivedAt: this.now } as EngineInput);
    field.last = reading;
  }

  private samples({ signals }: Field, isBelieved: boolean): readonly Sample[] {
    const { random } = this;
    return signals
      .filter(() => random.chance(0.9))
      .map(({ pointId, signal }): Sample => {
        const value = signal.next();
        const dice = random.next();
        if (dice < 0.004) return { pointId, value, quality: 'bad' };
        if (dice < 0.006) return { pointId, value: 'garbage', quality: 'good' };
        if (dice < 0.007) return { pointId: `${pointId}-unknown`, value, quality: 'good' };
        return { pointId, value, quality: dice < 0.012 || !isBelieved ? 'uncertain' : 'good' };
      });
  }

  private loseLink(field: Field): void {
    if (!field.isOnline) this.connect(field, true, 'connect');
    else if (this.random.chance(0.5)) this.connect(field, false, 'connection_lost');
    else {
      // Two programs with one client id: each takes the connection over from the other.
      for (let times = this.random.below(6); times > 0; times--) this.connect(field, true, 'taken_over');
    }
  }

  private operate(): void {
    const forgotten = this.random.chance(0.2) ? this.disabled.shift() : undefined;
    if (forgotten !== undefined) {
      const { deviceId, ruleKey } = forgotten;
      const command = { kind: 'enable' as const, deviceId, ruleKey };
      this.record({ kind: 'command', command, actor: 'supervisor', comment: '恢复' });
    }
    this.actOnRule();
    const open = [...this.engine.alarms()];
    if (open.length === 0) return;
    const acts = this.random.chance(0.1) ? 10 : 1;
    for (let act = 0; act < acts; act++) {
      const alarm = this.random.of(open);
      const command = actOf(alarm, this.passedEventId, this.random);
      this.passedEventId = alarm.eventId;
      const actor = this.random.of(['operator', 'dispatcher', 'supervisor']);
      this.record({ kind: 'command', command, actor, comment: this.random.chance(0.7) ? '已核实' : null });
      if (command.kind === 'disable') this.disabled.push(command);
    }
  }

  /** Somebody who does not know that the rule is disabled, or is at it twice. */
  private actOnRule(): void {
    const [rule] = this.disabled;
    if (rule === undefined || !this.random.chance(0.1)) return;
    const { deviceId, ruleKey } = rule;
    const command = { kind: 'shelve' as const, mode: 'timed' as const, seconds: 600, deviceId, ruleKey };
    for (let times = this.random.below(3); times > 0; times--)
      this.record({ kind: 'command', command, actor: 'operator', comment: '检修' });
  }

  private changeConfiguration(): void {
    const field = this.random.of(this.fields);
    field.variant = this.random.below(7);
    this.configure(field, this.random.chance(0.2));
  }

  /** A device is taken away, and mostly another is put in its place. */
  private changeDevice(): void {
    const field = this.random.of(this.fields);
    const { deviceId } = field.installed;
    this.record({ kind: 'remove', deviceId, actor: 'administrator' });
    this.configurations.delete(deviceId);
    if (this.random.chance(0.3)) this.now += this.random.below(MINUTE);
    this.configure(field);
  }

  private saveSnapshot(): void {
    const text = JSON.stringify(this.engine.snapshot());
    // The write may be cut off in the middle: what was there before is kept until the new one is whole.
    const isTorn = this.random.chance(0.1);
    const kept = this.snapshots.slice(-1);
    this.snapshots = isTorn ? [...kept, text.slice(0, this.random.below(text.length))] : [...kept, text];
  }

  /**
   * The process dies and comes back from the newest whole snapshot and the journal behind it: the same state, byte for byte. A reading
   * that was under way and not acknowledged is either in the journal or was never taken; the device sends it again. [SM2]
   */
  private crash(): void {
    this.crashes += 1;
    const before = JSON.stringify(this.engine.snapshot());
    const deadline = this.engine.nextDeadline();
    this.engine = this.restored();
    if (JSON.stringify(this.engine.snapshot()) !== before)
      throw new Broken('[SM2] snapshot and tail are not the whole journal');
    if (this.engine.nextDeadline() !== deadline) throw new Broken('[SM2] a deadline did not survive');
    const awayMs = this.random.of([SECOND, 20 * SECOND, 5 * MINUTE, 2 * HOUR]);
    this.now += awayMs;
    this.record({ kind: 'start', restate: true, load: LOAD_LIMITS });
    for (const field of this.fields) {
      if (field.isOnline) this.connect(field, false, 'server_start');
      if (this.random.chance(0.9)) this.connect(field, true, 'connect');
      if (field.last !== undefined && this.random.chance(0.5))
        this.record({ ...field.last, receivedAt: this.now } as EngineInput);
    }
  }

  private restored(): AlarmEngine {
    const snapshot = this.snapshots.map(parsed).findLast((one) => one !== undefined);
    const engine = snapshot === undefined ? AlarmEngine.create() : AlarmEngine.restore(snapshot);
    for (let index = engine.offset; index < this.journal.length; index++) engine.apply(this.journal[index]!);
    return engine;
  }

  private lookAtEnd(): void {
    const listed = new Map<string, AlarmView>([...this.engine.alarms()].map((alarm) => [alarm.id, alarm]));
    const told = this.checks.open();
    if (JSON.stringify([...listed.keys()].sort()) !== JSON.stringify([...told.keys()].sort())) {
      throw new Broken('[SM5] the alarms that are listed are not those that were told');
    }
    for (const [id, alarm] of told) {
      if (JSON.stringify(listed.get(id)) !== JSON.stringify(alarm))
        throw new Broken(`[SM5] ${id} is listed otherwise than it was told`);
    }
  }

  private kindOf(deviceId: string, ruleKey: string): string | undefined {
    return this.configurations.get(deviceId)?.rules.find(({ key }) => key === ruleKey)?.condition.kind;
  }
}

function parsed(text: string): EngineSnapshot | undefined {
  try {
    return JSON.parse(text) as EngineSnapshot;
  } catch {
    return undefined;
  }
}

import { byCodeUnit, sameJson } from './canonical.js';
import { faultsOf, stopFilters } from './configuration.js';
import { type Deadlines, type Due } from './deadlines.js';
import { faultText, type Fault } from './fault.js';
import { type Rule } from './model.js';
import { neverJudged } from './never-judged.js';
import { newWatch } from './new-watch.js';
import { type Overlays } from './overlays.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { type DeviceState, type LevelFilter, type Watch } from './watch.js';

/** What the key of an alarm about a rule begins with; no rule of the catalogue has a colon in its key. */
const PREFIX = 'rule-fault:';
/** `default`: one who relies on a rule must learn on the same shift that it is blind. */
const SEVERITY = 700;
/** `default`: the devices of a site are configured one after the other, and a rule may read a point of the last of them. */
const ON_DELAY_MS = 60_000;

/**
 * A rule that cannot be evaluated is a hole in the watch: an alarm of class `system` for the device says so until the rule can be
 * evaluated again. It is no alarm of the rule itself, which keeps whatever it had. [AL29] [AL84]
 */
export class RuleFaults {
  constructor(
    private readonly recorder: TransitionRecorder,
    private readonly deadlines: Deadlines<Due>,
    private readonly overlays: Overlays,
  ) {}

  /** After the rules of a device have changed. */
  tellFaults(device: DeviceState, now: number): void {
    const faults = new Map(faultsOf(device).map(({ ruleKey, fault }) => [ruleKey, fault]));
    for (const watch of faultAlarmsOf(device)) {
      const key = watch.rule.key.slice(PREFIX.length);
      const stays = device.configuration.rules.some((rule) => rule.key === key);
      if (!stays) this.remove(device, key, watch, now);
      else if (!faults.has(key) && troubleOf(device, key) === undefined) this.end(watch, now);
    }
    for (const [key, fault] of faults) this.raise(device, key, fault, now);
  }

  /** After a rule was judged: why it could not be, with the values of now; undefined when it could. */
  tellTrouble({ device, rule }: Watch, trouble: Fault | undefined, now: number): void {
    if (trouble !== undefined) return this.raise(device, rule.key, trouble, now);
    const alarm = device.faultAlarms?.get(rule.key);
    if (alarm !== undefined) this.end(alarm, now);
  }

  private raise(device: DeviceState, key: string, fault: Fault, now: number): void {
    const known = device.faultAlarms?.get(key);
    const rule = device.configuration.rules.find((one) => one.key === key);
    if (rule === undefined) return;
    const made = faultRule(rule, fault);
    const told = known === undefined ? undefined : toldBy(known);
    if (told !== undefined && sameJson(known?.rule, made)) return;
    const next = keepFaultAlarm(device, made);
    if (known !== undefined) {
      next.alarm = known.alarm;
      next.overlay = known.overlay;
      this.overlays.release(known);
    }
    this.recorder.retain(next);
    this.overlays.adopt(next);
    const [filter] = next.filters;
    if (filter === undefined) return;
    // The hole in the watch is as old as it was; what it is told with is what is so now.
    if (told === undefined) filter.pend(now, now + ON_DELAY_MS);
    else takeOver(told, filter);
    if (known !== undefined) stopFilters(known);
    this.deadlines.schedule(filter);
  }

  private end(watch: Watch, now: number): void {
    const [filter] = watch.filters;
    if (filter === undefined || toldBy(watch) === undefined) return;
    filter.endPending();
    filter.on = false;
    settle(this.recorder, watch, { eventAt: now, receivedAt: now });
  }

  private remove(device: DeviceState, key: string, watch: Watch, now: number): void {
    device.faultAlarms?.delete(key);
    stopFilters(watch);
    if (watch.alarm !== null) this.recorder.move(watch, 'REMOVE', { eventAt: now, receivedAt: now });
    this.overlays.release(watch);
  }
}

/** For a restore: the alarm about a rule, of which `rule` is what was made for it. */
export function keepFaultAlarm(device: DeviceState, rule: Rule): Watch {
  const watch = newWatch(device, rule, undefined);
  (device.faultAlarms ??= new Map()).set(rule.key.slice(PREFIX.length), watch);
  return watch;
}

/** In code-unit order of their keys: no order of arrival may show in what the engine does. */
export function faultAlarmsOf({ faultAlarms }: DeviceState): readonly Watch[] {
  return [...(faultAlarms?.values() ?? [])].sort((a, b) => byCodeUnit(a.rule.key, b.rule.key));
}

/** What makes it an alarm, or will soon; undefined when nothing does. */
function toldBy({ filters: [filter] }: Watch): LevelFilter | undefined {
  return filter !== undefined && (filter.on || filter.deadline !== Infinity) ? filter : undefined;
}

function takeOver(from: LevelFilter, to: LevelFilter): void {
  to.on = from.on;
  to.settledAt = from.settledAt;
  if (from.deadline !== Infinity) to.pend(from.since, from.deadline);
}

/** Nothing ever judges it: it is on for as long as the fault lasts. */
function faultRule({ key, version, title }: Rule, fault: Fault): Rule {
  const message = faultText(fault);
  return {
    key: `${PREFIX}${key}`,
    version,
    class: 'system',
    title: {
      zh: `规则失效，不再监视：${title.zh}（${message.zh}）`,
      en: `Rule cannot be evaluated and watches nothing: ${title.en} (${message.en})`,
    },
    latching: false,
    condition: neverJudged(SEVERITY, ON_DELAY_MS),
  };
}

function troubleOf(device: DeviceState, key: string): Fault | undefined {
  const watch = device.watches.find(({ rule }) => rule.key === key);
  if (watch === undefined || watch.fault !== undefined) return undefined;
  return watch.kind.troubleOf?.(watch, watch.rule.condition);
}

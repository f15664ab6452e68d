import { wholeAlarm } from './alarm-view.js';
import { Lane } from './lane.js';
import { type BilingualText, type DeviceConfiguration, type Rule, type StoredAlarm } from './model.js';
import { neverJudged } from './never-judged.js';
import { newWatch } from './new-watch.js';
import { type Overlay } from './overlay.js';
import { type Overlays } from './overlays.js';
import { type TransitionRecorder } from './recorder.js';
import { settle } from './settlement.js';
import { DeviceState, type Storage, type Watch } from './watch.js';

/** Before the name of the condition in the key of the rule: no rule of a device has such a key. */
const RULE_PREFIX = 'server:';
/** `default`: the centre itself works with less than it should, and somebody must see to it. */
const SEVERITY = 700;

/** What the server says of itself. */
export interface ServerCondition {
  readonly name: string;
  readonly active: boolean;
  readonly message: BilingualText;
}

export interface ServerConditionSnapshot {
  readonly name: string;
  readonly active: boolean;
  readonly alarm?: StoredAlarm;
  readonly overlay?: Overlay;
}

/**
 * Conditions of the server itself, each an alarm of class `system` of the centre. They are told by records of the journal, so that a
 * replay has the same alarms; what is told again changes nothing. [AL142] to [AL144]
 */
export class ServerConditions {
  /** In the order in which they were told first. */
  private readonly watches = new Map<string, Watch>();

  constructor(
    private readonly parts: {
      readonly recorder: TransitionRecorder;
      readonly overlays: Overlays;
      readonly storage: Storage;
    },
  ) {}

  /** `now`: journal time, epoch ms. */
  tell({ name, active, message }: ServerCondition, now: number): void {
    if (active === this.isActive(name)) return;
    const watch = this.watchOf(name);
    watch.said = message;
    this.turn(watch, active);
    const { recorder } = this.parts;
    recorder.bySystem(() => settle(recorder, watch, { eventAt: now, receivedAt: now }));
  }

  isActive(name: string): boolean {
    return this.watches.get(name)?.filters[0]?.on === true;
  }

  /** Those that are active, or have an alarm, or something that lies over it. */
  snapshot(): readonly ServerConditionSnapshot[] {
    return [...this.watches].flatMap(([name, { alarm, overlay }]) => {
      const active = this.isActive(name);
      if (!active && alarm === null && overlay === null) return [];
      return { name, active, ...(alarm !== null && { alarm }), ...(overlay !== null && { overlay }) };
    });
  }

  /** Returns the rules whose alarm is open. */
  restore(conditions: readonly ServerConditionSnapshot[]): readonly Watch[] {
    const open: Watch[] = [];
    for (const { name, active, alarm, overlay } of conditions) {
      const watch = this.watchOf(name);
      watch.alarm = alarm === undefined ? null : wholeAlarm(alarm);
      watch.overlay = overlay ?? null;
      if (watch.alarm !== null) watch.said = { zh: watch.alarm.message, en: watch.alarm.messageEn };
      this.turn(watch, active);
      this.parts.overlays.adopt(watch);
      if (watch.alarm !== null) open.push(watch);
    }
    return open;
  }

  private turn({ filters: [filter] }: Watch, on: boolean): void {
    if (filter !== undefined) filter.on = on;
  }

  private watchOf(name: string): Watch {
    const known = this.watches.get(name);
    if (known !== undefined) return known;
    // No site and no device has such an id.
    const lane = new Lane('', this.parts.storage);
    const device = new DeviceState(lane, ` ${RULE_PREFIX}${name}`, CENTRE, 0);
    const watch = newWatch(device, ruleOf(name), undefined);
    this.watches.set(name, watch);
    return watch;
  }
}

const CENTRE: DeviceConfiguration = {
  deviceId: '',
  deviceName: '',
  siteId: '',
  siteName: '',
  enterpriseId: '',
  enterpriseName: '',
  gridCode: null,
  drill: false,
  points: [],
  rules: [],
};

/** Nothing ever judges it: it is on while the server says so. */
function ruleOf(name: string): Rule {
  return {
    key: `${RULE_PREFIX}${name}`,
    version: 1,
    class: 'system',
    title: { zh: '系统自身状态', en: 'Condition of the server' },
    latching: false,
    condition: neverJudged(SEVERITY),
  };
}

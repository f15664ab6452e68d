import { announcementOf, isApart } from './announcement.js';
import { wholeAlarm } from './alarm-view.js';
import { type Deadlines, type Due } from './deadlines.js';
import { FloodEnd } from './flood-end.js';
import { FloodTally, heardAlarm, type FloodTallySnapshot, type HeardAlarm } from './flood-tally.js';
import { FloodWindow, type FloodLimits } from './flood-window.js';
import { Lane } from './lane.js';
import {
  type AlarmView,
  type DeviceConfiguration,
  type FloodRecord,
  type FloodSummary,
  type Rule,
  type StoredAlarm,
  type Transition,
} from './model.js';
import { neverJudged } from './never-judged.js';
import { newWatch } from './new-watch.js';
import { type Overlay } from './overlay.js';
import { type Overlays } from './overlays.js';
import { type TransitionRecorder } from './recorder.js';
import { joinable, type LastReturn } from './returns.js';
import { settle } from './settlement.js';
import { DeviceState, type Storage, type Watch } from './watch.js';

/** The key of the rule of which a flood is an alarm; it is of no device, and no device is without an id. */
export const FLOOD_RULE = 'alarm-flood';
/** `default`: the list itself can no longer be read as it is, and somebody must know it. */
const SEVERITY = 700;
/** How many floods that are over are kept. default */
const KEPT = 100;
/** In the place of a site: all of them. No site is without an id. */
export const CENTRE = '';

/** Whose flood it is. */
type Place = Pick<AlarmView, 'siteId' | 'siteName' | 'enterpriseId' | 'enterpriseName' | 'gridCode'>;

export interface FloodScopeSnapshot {
  readonly place: Place;
  readonly recent: readonly HeardAlarm[];
  /** Of a flood that lasts. */
  readonly tally?: FloodTallySnapshot;
  /** The alarm about it, and what lies over that, while there is any. */
  readonly alarm?: StoredAlarm;
  readonly overlay?: Overlay;
  readonly lastReturn?: LastReturn;
}

export interface FloodsSnapshot {
  /** In the order in which they were told something last. */
  readonly scopes: readonly FloodScopeSnapshot[];
  /** Oldest first. */
  readonly past: readonly FloodRecord[];
}

/** What is heard of one site, or of all. */
interface Scope {
  place: Place;
  readonly window: FloodWindow<HeardAlarm>;
  readonly end: FloodEnd;
  tally: FloodTally | undefined;
  /** Undefined before its first flood. */
  watch: Watch | undefined;
}

/**
 * Floods of each site and of the centre, found while they begin, each an alarm of class `system` with a begin, an end and a summary.
 * What counts is what the figures count [KP6], announcements; drills and tests, what joins the announcement of another, and the
 * alarms about floods do not. [AL137] to [AL140]
 */
export class Floods {
  /** By site; the one that was told something last stands last. */
  private readonly scopes = new Map<string, Scope>();
  private readonly past: FloodRecord[] = [];

  constructor(
    private readonly parts: {
      readonly recorder: TransitionRecorder;
      readonly overlays: Overlays;
      readonly deadlines: Deadlines<Due>;
      readonly storage: Storage;
    },
    private limits: FloodLimits,
  ) {}

  /** From now on. */
  limit(limits: FloodLimits): void {
    this.limits = limits;
    for (const scope of this.scopes.values()) {
      scope.window.limits = limits;
      this.schedule(scope);
    }
  }

  tell(transition: Transition): void {
    const { alarm, annunciation, at } = transition;
    if (isAboutFlood(alarm) || isApart(alarm) || annunciation === 'joined') return;
    if (announcementOf(transition) !== 'new') return;
    this.forgetOld(at);
    const heard = heardAlarm(transition);
    const { siteId, siteName, enterpriseId, enterpriseName, gridCode } = alarm;
    // What is of no site is of the centre alone.
    if (siteId !== CENTRE) this.hear({ siteId, siteName, enterpriseId, enterpriseName, gridCode }, heard);
    this.hear({ siteId: CENTRE, siteName: '', enterpriseId: '', enterpriseName: '', gridCode: null }, heard);
  }

  /** Those that last, then those that are over, the newest first. */
  all(): readonly FloodRecord[] {
    const present = [...this.scopes.values()].flatMap(({ place, watch, tally }) =>
      tally === undefined ? [] : [recordOf(place, watch, tally.summary(null))],
    );
    present.sort((a, b) => b.flood.from - a.flood.from || (a.siteId < b.siteId ? -1 : 1));
    return [...present, ...this.past.toReversed()];
  }

  snapshot(now: number): FloodsSnapshot {
    const scopes = [...this.scopes.values()].filter((scope) => !this.isOld(scope, now));
    return { scopes: scopes.map((scope) => snapshotScope(scope, now)), past: [...this.past] };
  }

  /** Returns the rules whose alarm is open. */
  restore({ scopes, past }: FloodsSnapshot): readonly Watch[] {
    this.past.push(...past);
    const open: Watch[] = [];
    for (const { place, recent, tally, alarm, overlay, lastReturn } of scopes) {
      const scope = this.newScope(place, [...recent], tally !== undefined);
      scope.tally = tally === undefined ? undefined : FloodTally.restore(tally);
      if (alarm !== undefined || overlay !== undefined) {
        const watch = this.watchOf(scope);
        watch.alarm = alarm === undefined ? null : wholeAlarm(alarm);
        watch.overlay = overlay ?? null;
        watch.device.site.lastReturn = lastReturn;
        if (watch.alarm?.flood !== undefined) say(watch, watch.alarm.flood, watch.alarm);
        const [filter] = watch.filters;
        if (filter !== undefined) filter.on = watch.alarm?.active === true;
        this.parts.overlays.adopt(watch);
        if (watch.alarm !== null) open.push(watch);
      }
      this.schedule(scope);
    }
    return open;
  }

  private hear(place: Place, heard: HeardAlarm): void {
    const { siteId } = place;
    const scope = this.scopes.get(siteId) ?? this.newScope(place, [], false);
    this.scopes.delete(siteId);
    this.scopes.set(siteId, scope);
    scope.place = place;
    if (scope.watch !== undefined) scope.watch.device.configuration = configurationOf(place);
    if (scope.window.overAt < heard.at) this.end(scope);
    if (scope.window.announce(heard)) this.begin(scope);
    else scope.tally?.add(heard);
    this.schedule(scope);
  }

  private begin(scope: Scope): void {
    const tally = FloodTally.begin(scope.window.begun());
    if (tally === undefined) return;
    scope.tally = tally;
    const watch = this.watchOf(scope);
    const summary = tally.summary(null);
    say(watch, summary, beginText(this.limits));
    this.change(watch, true, tally.from);
  }

  private end(scope: Scope): void {
    const { window, tally, place } = scope;
    const to = window.overAt;
    window.end();
    scope.tally = undefined;
    scope.end.deadline = Infinity;
    if (tally === undefined) return;
    const watch = this.watchOf(scope);
    const summary = tally.summary(to);
    say(watch, summary, endText(summary));
    const record = recordOf(place, watch, summary);
    this.change(watch, false, to);
    this.past.push(record);
    if (this.past.length > KEPT) this.past.shift();
  }

  /** Nobody did it: whoever acts in this record acted on something else. */
  private change(watch: Watch, on: boolean, at: number): void {
    const { recorder } = this.parts;
    const [filter] = watch.filters;
    if (filter !== undefined) filter.on = on;
    recorder.bySystem(() => settle(recorder, watch, { eventAt: at, receivedAt: at }));
  }

  private schedule(scope: Scope): void {
    // A flood lasts while its last moment does: what is announced in that very moment goes on with it.
    scope.end.deadline = scope.window.overAt + 1;
    this.parts.deadlines.schedule(scope.end);
  }

  private newScope(place: Place, recent: HeardAlarm[], isFlood: boolean): Scope {
    const window = new FloodWindow(this.limits, recent, isFlood);
    const end = new FloodEnd(`${FLOOD_RULE} ${place.siteId}`, () => this.end(scope));
    const scope: Scope = { place, window, end, tally: undefined, watch: undefined };
    this.scopes.set(place.siteId, scope);
    return scope;
  }

  private watchOf(scope: Scope): Watch {
    if (scope.watch !== undefined) return scope.watch;
    const { siteId } = scope.place;
    const lane = new Lane(siteId, this.parts.storage);
    // No device has such an id: it only says in which order things happen that are due at the same time.
    const device = new DeviceState(lane, ` ${siteId}`, configurationOf(scope.place), 0);
    scope.watch = newWatch(device, RULE, undefined);
    return scope.watch;
  }

  /** Those that were told something first stand first. */
  private forgetOld(now: number): void {
    for (const [siteId, scope] of this.scopes) {
      if (scope.window.fresh(now).length > 0) return;
      if (this.isOld(scope, now)) this.scopes.delete(siteId);
    }
  }

  private isOld({ window, watch }: Scope, now: number): boolean {
    const isOpen = watch !== undefined && (watch.alarm !== null || watch.overlay !== null);
    return !isOpen && !window.isFlood && window.fresh(now).length === 0;
  }
}

/** Whether it is the alarm about a flood of a site or of the centre. */
export function isAboutFlood({ deviceId, rule }: Pick<AlarmView, 'deviceId' | 'rule'>): boolean {
  return deviceId === '' && rule === FLOOD_RULE;
}

function configurationOf(place: Place): DeviceConfiguration {
  return { ...place, deviceId: '', deviceName: '', drill: false, points: [], rules: [] };
}

function recordOf(
  { siteId, siteName, enterpriseId }: Place,
  watch: Watch | undefined,
  flood: FloodSummary,
): FloodRecord {
  return { siteId, siteName, enterpriseId, alarmId: watch?.alarm?.id ?? null, flood };
}

function snapshotScope({ place, window, tally, watch }: Scope, now: number): FloodScopeSnapshot {
  const lastReturn = watch === undefined ? undefined : joinable(watch.device.site, now);
  return {
    place,
    recent: [...window.fresh(now)],
    ...(tally !== undefined && { tally: tally.snapshot() }),
    ...(watch?.alarm != null && { alarm: watch.alarm }),
    ...(watch?.overlay != null && { overlay: watch.overlay }),
    ...(lastReturn !== undefined && { lastReturn }),
  };
}

/** What the alarm says of it from now on. */
function say(
  watch: Watch,
  summary: FloodSummary,
  { message, messageEn }: Pick<AlarmView, 'message' | 'messageEn'>,
): void {
  watch.flood = { summary, message: { zh: message, en: messageEn } };
}

type Texts = Pick<AlarmView, 'message' | 'messageEn'>;

function beginText({ floodBegin, floodWindowMs }: FloodLimits): Texts {
  const minutes = minutesOf(floodWindowMs);
  return {
    message: `报警泛滥：${minutes} 分钟内已有 ${floodBegin} 条报警`,
    messageEn: `Alarm flood: ${floodBegin} alarms within ${minutes} min`,
  };
}

function endText({ from, to, announced, peakPerMinute, firstOut }: FloodSummary): Texts {
  const minutes = minutesOf((to ?? from) - from);
  return {
    message:
      `报警泛滥已结束：历时 ${minutes} 分钟，共 ${announced} 条报警，每分钟最多 ${peakPerMinute} 条；` +
      `首发：${firstOut.siteName} ${firstOut.deviceName} ${firstOut.message}`,
    messageEn:
      `Alarm flood is over: ${announced} alarms in ${minutes} min, at most ${peakPerMinute} in a minute; ` +
      `first: ${firstOut.siteName} ${firstOut.deviceName} ${firstOut.messageEn}`,
  };
}

/** In tenths, without a locale's formats. */
function minutesOf(ms: number): string {
  return String(Math.round(ms / 6_000) / 10);
}

/** Nothing ever judges it: it is on for as long as the flood lasts. */
const RULE: Rule = {
  key: FLOOD_RULE,
  version: 1,
  class: 'system',
  title: { zh: '报警泛滥', en: 'Alarm flood' },
  latching: false,
  condition: neverJudged(SEVERITY),
};

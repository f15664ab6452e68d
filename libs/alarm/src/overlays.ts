import { type AnnunciationEvent } from './annunciation-table.js';
import { isSuppressedOrShelved, coversOf, type Step } from './annunciation.js';
import { byCodeUnit } from './canonical.js';
import { Deadlines, type Due } from './deadlines.js';
import { CLEAR, overlaid, unshelved, withoutReason, withReason, type Overlay } from './overlay.js';
import { type TransitionRecorder } from './recorder.js';
import { type Watch } from './watch.js';

type TimedEvent = Extract<
  AnnunciationEvent,
  'SHELVE_EXPIRED' | 'SERVICE_DUE' | 'SILENCE_EXPIRED' | 'REALARM_TIMER'
>;

/** In the order in which they happen when they are due at the same time. */
const TIMED: readonly TimedEvent[] = ['SHELVE_EXPIRED', 'SERVICE_DUE', 'SILENCE_EXPIRED', 'REALARM_TIMER'];

interface Timer extends Due {
  deadline: number;
  readonly watch: Watch;
  readonly event: TimedEvent;
}

/**
 * What lies over the rules of devices, and what time does to their annunciation. Deadlines follow from the state of the rule and its
 * alarm, so a snapshot needs nothing but those.
 */
export class Overlays {
  private readonly queue = new Deadlines<Timer>();
  /** Only of rules for which something is due one day. */
  private readonly timers = new Map<Watch, readonly Timer[]>();
  private readonly covered = new Set<Watch>();

  constructor(private readonly recorder: TransitionRecorder) {
    recorder.onChange = (watch) => this.adopt(watch);
  }

  /**
   * Suppressed by design, by logic and never by a person: its annunciation is off while any reason is there. Follow the level of
   * what suppresses, not its edges: a reason that is there already, or not there, changes nothing. [AL55]
   */
  suppress(watch: Watch, reason: string, now: number): void {
    const reasons = (watch.overlay ?? CLEAR).suppressionReasons;
    if (reasons.includes(reason)) return;
    const overlay = overlaid(watch.overlay, { suppressionReasons: withReason(reasons, reason) });
    this.happen(watch, 'SUPPRESS', now, overlay);
  }

  unsuppress(watch: Watch, reason: string, now: number): void {
    const reasons = (watch.overlay ?? CLEAR).suppressionReasons;
    if (!reasons.includes(reason)) return;
    const overlay = overlaid(watch.overlay, { suppressionReasons: withoutReason(reasons, reason) });
    this.happen(watch, 'UNSUPPRESS', now, overlay);
  }

  /** Puts back what time will do to a rule: after a restore, and when another version of the rule has taken over. */
  adopt(watch: Watch): void {
    if (watch.overlay === null) this.covered.delete(watch);
    else this.covered.add(watch);
    const due = dueTimes(watch);
    let timers = this.timers.get(watch);
    if (timers === undefined) {
      if (due.every((time) => time === Infinity)) return;
      timers = TIMED.map((event, index) => newTimer(watch, event, index));
      this.timers.set(watch, timers);
    }
    for (const [index, timer] of timers.entries()) {
      timer.deadline = due[index] ?? Infinity;
      this.queue.schedule(timer);
    }
    if (due.every((time) => time === Infinity)) this.timers.delete(watch);
  }

  /** Nothing happens to this one any more: the rule is gone, or another version of it has taken over. */
  release(watch: Watch): void {
    for (const timer of this.timers.get(watch) ?? []) timer.deadline = Infinity;
    this.timers.delete(watch);
    this.covered.delete(watch);
    this.recorder.release(watch);
  }

  /** Every rule over which something lies, in code-unit order of device and rule. */
  all(): readonly Watch[] {
    return [...this.covered].sort(
      (a, b) => byCodeUnit(a.device.deviceId, b.device.deviceId) || byCodeUnit(a.rule.key, b.rule.key),
    );
  }

  nextDeadline(): number | undefined {
    return this.queue.next();
  }

  /** See `Deadlines.lowerBound`. */
  noDeadlineBefore(): number | undefined {
    return this.queue.lowerBound();
  }

  mayBeDue(now: number): boolean {
    return this.queue.mayBeDue(now);
  }

  /** Does the first of what is due by then; false when nothing is. */
  fireOne(now: number): boolean {
    const due = this.queue.take(now);
    if (due === undefined) return false;
    const { watch, event, deadline } = due;
    due.deadline = Infinity;
    this.happen(watch, event, deadline, overlayAfter(watch.overlay, event));
    return true;
  }

  private happen(watch: Watch, event: AnnunciationEvent, at: number, overlay: Overlay | null): Step {
    return this.recorder.move(watch, event, { eventAt: at, receivedAt: at }, { overlay });
  }
}

function overlayAfter(overlay: Overlay | null, event: TimedEvent): Overlay | null {
  if (event === 'SHELVE_EXPIRED') return unshelved(overlay);
  return event === 'SERVICE_DUE' ? overlaid(overlay, { outOfService: null }) : overlay;
}

/** By `TIMED`. */
function dueTimes({ overlay, alarm }: Watch): readonly number[] {
  // Under a cover an alarm is not announced again; when that is over, it is due at once.
  const isHeard = alarm !== null && alarm.active && !isSuppressedOrShelved(coversOf(overlay));
  return [
    overlay?.shelving?.until ?? Infinity,
    overlay?.outOfService?.until ?? Infinity,
    alarm?.silencedUntil ?? Infinity,
    isHeard ? (alarm.reAlarmAt ?? Infinity) : Infinity,
  ];
}

function newTimer(watch: Watch, event: TimedEvent, orderIndex: number): Timer {
  const orderKey = `${watch.device.deviceId} ${watch.rule.key}`;
  return { watch, event, deadline: Infinity, queued: undefined, orderKey, orderIndex };
}

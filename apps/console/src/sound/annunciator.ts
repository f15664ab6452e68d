import { type Alarm } from '@watchfire/contracts';
import { blockOf, compareUrgency } from '../alarms/order.js';
import { LINK_LOST, patternOf, RETURNED, type Pattern } from './tones.js';

/** Silence is for the phone call, not for the shift: short for the highest priority. */
export const SILENCE_MS = 120_000;
export const SILENCE_RED_MS = 30_000;

/**
 * Decides what this seat sounds: the tone of the most urgent alarm that nobody has acknowledged, in the whole set and not
 * on the page, until it is acknowledged or silenced. Silence is timed, it never acknowledges, and anything new ends it.
 */
export class Annunciator {
  private silentUntil = 0;
  private blind = false;

  /** New or risen alarms end the silence. */
  announce(): void {
    this.silentUntil = 0;
  }

  linkLost(lost: boolean): void {
    if (lost && !this.blind) this.silentUntil = 0;
    this.blind = lost;
  }

  /** Silences what would sound now; returns until when, epoch ms, or null when nothing sounds. */
  silence(alarms: Iterable<Alarm>, now: number): number | null {
    const top = loudest(alarms);
    if (top === undefined && !this.blind) return null;
    this.silentUntil = now + (top?.priority === 'red' ? SILENCE_RED_MS : SILENCE_MS);
    return this.silentUntil;
  }

  /** Until when this seat is silent, epoch ms; null when it is not. */
  silencedUntil(now: number): number | null {
    return now < this.silentUntil ? this.silentUntil : null;
  }

  sound(alarms: Iterable<Alarm>, now: number): Pattern | null {
    if (now < this.silentUntil) return null;
    if (this.blind) return LINK_LOST;
    const top = loudest(alarms);
    if (top === undefined) return null;
    return top.state === 'RTNUN' ? RETURNED : patternOf(top.class, top.priority);
  }
}

/** An alarm whose horn is silenced for every seat goes on flashing. What is still in alarm, or latched, is louder than what has returned; then class and priority. */
function loudest(alarms: Iterable<Alarm>): Alarm | undefined {
  let top: Alarm | undefined;
  for (const alarm of alarms) {
    if (alarm.silencedUntil !== null) continue;
    if (blockOf(alarm) !== 'unacknowledged' || patternOf(alarm.class, alarm.priority) === null) continue;
    if (top === undefined || (quieter(alarm) - quieter(top) || compareUrgency(alarm, top)) < 0) top = alarm;
  }
  return top;
}

const quieter = (alarm: Alarm): number => (alarm.state === 'RTNUN' ? 1 : 0);

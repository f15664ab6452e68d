import { idsOfAgain, pointsOf } from '@watchfire/alarm';
import { Comparison } from './comparison.js';
import {
  type BackTestDevice,
  type BackTestPlan,
  type BackTestResult,
  type Difference,
  LISTED_DIFFERENCES,
  MOST_ANNOUNCEMENTS,
} from './model.js';
import { type ReadColumns, ReceiptOrder } from './receipt-order.js';
import { Tally } from './tally.js';

/**
 * Runs both versions of the rule over what is stored, one device after the other.
 *
 * @param options.told how far it is, 0 to 1, now and then
 * @throws BackTestError `back_test_too_large`; what `read` throws
 */
export async function runBackTest(
  plan: BackTestPlan,
  read: ReadColumns,
  options: { readonly told?: (progress: number) => void; readonly mostAnnouncements?: number } = {},
): Promise<BackTestResult> {
  const { told = () => undefined, mostAnnouncements = MOST_ANNOUNCEMENTS } = options;
  const present = new Tally(plan, mostAnnouncements);
  const changed = new Tally(plan, mostAnnouncements);
  const listed: Difference[] = [];
  const counts = { present: 0, changed: 0 };
  const totals = { samples: 0, historical: 0 };
  const differs = (difference: Difference): void => {
    counts[difference.only] += 1;
    if (listed.length < LISTED_DIFFERENCES) listed.push(difference);
  };
  for (const [index, device] of plan.devices.entries()) {
    const startsAt = plan.from - plan.warmUpMs;
    const tallies = { present: present.device(), changed: changed.device() };
    const comparison = new Comparison(device, startsAt, plan, tallies, differs);
    const order = new ReceiptOrder(pointsRead(device), windowOf(plan), read);
    for await (const readings of order.readings()) {
      for (const { receivedAt, ts, samples } of readings) {
        if (receivedAt < startsAt || receivedAt >= plan.to) continue;
        const { deviceId } = device.present;
        comparison.take(receivedAt, {
          kind: 'reading',
          deviceId,
          receivedAt,
          ts,
          historical: false,
          samples,
        });
        totals.samples += samples.length;
      }
      told((index + fraction(order.reached, plan)) / plan.devices.length);
    }
    comparison.finish();
    totals.historical += order.historical;
  }
  return {
    samples: totals.samples,
    historicalSamples: totals.historical,
    present: present.figures(),
    changed: changed.figures(),
    onlyPresent: counts.present,
    onlyChanged: counts.changed,
    differences: listed,
  };
}

/** In the order of the configuration, as a message has them. */
function pointsRead({ present, changed }: BackTestDevice): readonly string[] {
  const rules = [...present.rules, ...changed.rules];
  const read = new Set(rules.flatMap((rule) => [...pointsOf(rule), ...idsOfAgain(rule)]));
  return present.points.map(({ pointId }) => pointId).filter((pointId) => read.has(pointId));
}

/** Device times of everything that may have been received from the begin of the warm-up to the end. */
function windowOf({ from, to, warmUpMs, maxLateMs, maxAheadMs }: BackTestPlan) {
  return { from: from - warmUpMs, to: to + maxAheadMs, maxLateMs, maxAheadMs };
}

function fraction(reached: number, { from, to, warmUpMs }: BackTestPlan): number {
  const begin = from - warmUpMs;
  return Math.max(0, Math.min(1, (reached - begin) / (to - begin)));
}

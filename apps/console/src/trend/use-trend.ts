import { type HistoryGapView, type LiveReading } from '@watchfire/contracts';
import { computed, onBeforeUnmount, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { useSeat, useWorkstation } from '../seat/workstation.js';
import { columns, type Columns, type History, NO_HISTORY } from './series.js';
import { SAMPLES_SPAN_MS } from './spans.js';

/** Live values kept for one chart: an hour at two a second. */
const LIVE_LIMIT = 7_200;
/** Buckets of a range that has too many samples to fetch one by one: about one a dot. */
const BUCKETS = 600;

export interface Trend {
  readonly data: ComputedRef<Columns>;
  readonly loading: Ref<boolean>;
  readonly failure: Ref<unknown>;
  /** What the history may lack at present. */
  readonly incomplete: ComputedRef<HistoryGapView | null>;
  load: () => Promise<void>;
}

/** History of a point in a range (epoch ms), with the live values that fall into it as they come. */
export function useTrend(pointId: string, from: () => number, to: () => number): Trend {
  const { api } = useWorkstation();
  const seat = useSeat();
  const history = shallowRef<History>(NO_HISTORY);
  const live = shallowRef<readonly LiveReading[]>([]);
  const loading = ref(true);
  const failure = shallowRef<unknown>(null);
  const owner = Symbol(pointId);

  const incomplete = computed(() => history.value.incomplete ?? null);
  let asked = 0;

  async function load(): Promise<void> {
    const turn = ++asked;
    loading.value = true;
    failure.value = null;
    try {
      const [begin, end] = [from(), Math.min(to(), seat.serverNow() + 1_000)];
      const answer =
        (end - begin > SAMPLES_SPAN_MS ? null : await samples(begin, end)) ?? (await buckets(begin, end));
      // Another range may have been chosen meanwhile.
      if (turn === asked) history.value = answer;
    } catch (error) {
      if (turn === asked) failure.value = error;
    } finally {
      if (turn === asked) loading.value = false;
    }
  }

  async function samples(begin: number, end: number): Promise<History | null> {
    const { points, truncated, incomplete } = await api.history(pointId, begin, end);
    return truncated ? null : { ...NO_HISTORY, points, incomplete };
  }

  async function buckets(begin: number, end: number): Promise<History> {
    const [mean, low, high] = await Promise.all(
      (['mean', 'min', 'max'] as const).map((fn) =>
        api.history(pointId, begin, end, { buckets: BUCKETS, fn }),
      ),
    );
    const { points, every, incomplete } = mean!;
    return { points, lows: low!.points, highs: high!.points, every, incomplete };
  }

  seat.watching.want(owner, [pointId]);
  watch(
    () => seat.readings.get(pointId),
    (reading) => {
      if (reading === undefined || reading.ts > to()) return;
      live.value = [...live.value.slice(-LIVE_LIMIT), reading];
    },
  );
  onBeforeUnmount(() => seat.watching.release(owner));
  void load();
  return { data: computed(() => columns(history.value, live.value)), loading, failure, incomplete, load };
}

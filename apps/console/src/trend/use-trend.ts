import { type HistoryGapView, type LiveReading, type Value } from '@watchfire/contracts';
import { computed, onBeforeUnmount, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { useSeat, useWorkstation } from '../seat/workstation.js';
import { columns, type Columns } from './series.js';

/** Live values kept for one chart: an hour at two a second. */
const LIVE_LIMIT = 7_200;
/** Buckets of a range that has too many samples to fetch one by one. */
const BUCKETS = 600;

export interface Trend {
  readonly data: ComputedRef<Columns>;
  readonly loading: Ref<boolean>;
  readonly failure: Ref<unknown>;
  /** What the history may lack at present. */
  readonly incomplete: Ref<HistoryGapView | null>;
  load: () => Promise<void>;
}

/** History of a point in a range (epoch ms), with the live values that fall into it as they come. */
export function useTrend(pointId: string, from: () => number, to: () => number): Trend {
  const { api } = useWorkstation();
  const seat = useSeat();
  const history = shallowRef<readonly (readonly [number, Value])[]>([]);
  const live = shallowRef<readonly LiveReading[]>([]);
  const loading = ref(true);
  const failure = shallowRef<unknown>(null);
  const incomplete = shallowRef<HistoryGapView | null>(null);
  const owner = Symbol(pointId);

  async function load(): Promise<void> {
    loading.value = true;
    failure.value = null;
    try {
      const [begin, end] = [from(), Math.min(to(), seat.serverNow() + 1_000)];
      let answer = await api.history(pointId, begin, end);
      if (answer.truncated)
        answer = await api.history(pointId, begin, end, Math.ceil((end - begin) / BUCKETS));
      history.value = answer.points;
      incomplete.value = answer.incomplete ?? null;
    } catch (error) {
      failure.value = error;
    } finally {
      loading.value = false;
    }
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

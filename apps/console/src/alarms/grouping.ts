import { ref, watch, type Ref } from 'vue';

const KEY = 'watchfire.grouping';

/** Whether alarms of one cause are drawn as one row, kept by this browser; off unless chosen. */
export function useGrouping(): Ref<boolean> {
  const grouping = ref(localStorage.getItem(KEY) === 'on');
  watch(grouping, (on) => localStorage.setItem(KEY, on ? 'on' : 'off'));
  return grouping;
}

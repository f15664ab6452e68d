import { onBeforeUnmount } from 'vue';
import { Polled } from './polled.js';

/** Reads at once, and again every so often while the part that shows it is there. */
export function usePolled<T>(read: () => Promise<T>, everyMs: number): Polled<T> {
  const polled = new Polled(read);
  const timer = setInterval(() => void polled.load(), everyMs);
  onBeforeUnmount(() => {
    clearInterval(timer);
    polled.stop();
  });
  void polled.load();
  return polled;
}

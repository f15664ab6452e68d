import { type ReadingBuilder, SequenceWindow, type SequenceState } from '@watchfire/readings';

/**
 * Messages that devices send again, recognised before they are journalled [IN33]: by boot and number, where a device gives both.
 * What was seen before this process began is asked of the state that the journal has made.
 */
export class Repeats {
  private readonly windows = new Map<string, SequenceWindow>();

  constructor(private readonly known: (deviceId: string) => SequenceState | undefined) {}

  /** Takes back those of the newest `count` readings of the builder, all of this device, that have come before. */
  dropRepeated(deviceId: string, builder: ReadingBuilder, count: number): number {
    return builder.dropNewest(count, (boot, seq, deviceTime) => !this.isNew(deviceId, boot, seq, deviceTime));
  }

  isNew(deviceId: string, boot: string, seq: number, deviceTime: number): boolean {
    let window = this.windows.get(deviceId);
    if (window === undefined) {
      const state = this.known(deviceId);
      window = state === undefined ? new SequenceWindow() : SequenceWindow.restore(state);
      this.windows.set(deviceId, window);
    }
    return window.take(boot, seq, deviceTime);
  }

  /** What was said to be seen may not be on disk: the state that the journal has made decides again. */
  forget(deviceId: string): void {
    this.windows.delete(deviceId);
  }
}

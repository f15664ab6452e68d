import { SequenceWindow, type SequenceState } from '@watchfire/readings';

/** What was said of the numbers of a device's messages, before this process began, by the state that the journal has made. */
export type KnownNumbers = (deviceId: string) => SequenceState | undefined;

/** The numbers that one device has given its messages [IN33]. */
export class DeviceNumbers {
  private window: SequenceWindow | undefined;

  constructor(
    private readonly deviceId: string,
    private readonly known: KnownNumbers,
  ) {}

  /** Whether the message has come before; from now on it has. `deviceTime` is NaN where there is none. */
  isRepeated(boot: string, seq: number, deviceTime: number): boolean {
    let { window } = this;
    if (window === undefined) {
      const state = this.known(this.deviceId);
      window = state === undefined ? new SequenceWindow() : SequenceWindow.restore(state);
      this.window = window;
    }
    return !window.take(boot, seq, deviceTime);
  }

  /** What was said to be seen may not be on disk: the state that the journal has made decides again. */
  forget(): void {
    this.window = undefined;
  }
}

/** Messages that devices send again, recognised before they are journalled: by boot and number, where a device gives both. */
export class Repeats {
  private readonly devices = new Map<string, DeviceNumbers>();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly known: KnownNumbers) {}

  /** Readings are on their way to the disk; to reject after what it was wrong to remember of them is forgotten. */
  storing(work: Promise<unknown>): void {
    this.underWay.add(work);
    const isOver = (): boolean => this.underWay.delete(work);
    work.then(isOver, isOver);
  }

  /** Resolves when what was said to be repeated is on disk, whoever sent it first; rejects when it may not be. */
  stored(): Promise<unknown> {
    return Promise.all(this.underWay);
  }

  /** The same object for the life of the process. */
  of(deviceId: string): DeviceNumbers {
    let numbers = this.devices.get(deviceId);
    if (numbers === undefined) {
      numbers = new DeviceNumbers(deviceId, this.known);
      this.devices.set(deviceId, numbers);
    }
    return numbers;
  }

  forget(deviceId: string): void {
    this.devices.get(deviceId)?.forget();
  }
}

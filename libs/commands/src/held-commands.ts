import { type DeviceCommandRow } from '@watchfire/registry';
import { isOpen } from './command-fold.js';

/** A command that is not over, or whose end the store does not have yet. */
export interface Held {
  /** The fold of what the journal is known to have. */
  row: DeviceCommandRow;
  /** Bytes of it may have gone out. After a restart that is so for everything that was `sent`. */
  handedOver: boolean;
  /** It is in the journal, but its sender was never told so. */
  unconfirmed: boolean;
  cancelTimer: (() => void) | undefined;
}

interface Device {
  readonly ids: Set<string>;
  /** Commands on their way to the journal. */
  arriving: number;
}

/** The commands that are not over, by id and by device. */
export class HeldCommands {
  readonly #byId = new Map<string, Held>();
  readonly #devices = new Map<string, Device>();

  get(id: string): Held | undefined {
    return this.#byId.get(id);
  }

  put(held: Held): void {
    this.#byId.set(held.row.id, held);
    this.#device(held.row.deviceId).ids.add(held.row.id);
  }

  drop(held: Held): void {
    if (this.#byId.get(held.row.id) !== held) return;
    this.#byId.delete(held.row.id);
    this.#devices.get(held.row.deviceId)?.ids.delete(held.row.id);
    this.#forget(held.row.deviceId);
  }

  all(): IterableIterator<Held> {
    return this.#byId.values();
  }

  /** Ids of what waits to be sent to the device, in the order in which it was accepted. */
  waiting(deviceId: string): string[] {
    const ids = [...(this.#devices.get(deviceId)?.ids ?? [])];
    return ids
      .flatMap((id) => this.#byId.get(id)?.row ?? [])
      .filter(({ state }) => state === 'accepted')
      .sort((a, b) => a.offset - b.offset)
      .map(({ id }) => id);
  }

  /** How many of the device are open, those on their way to the journal counted. */
  count(deviceId: string): number {
    const device = this.#devices.get(deviceId);
    if (device === undefined) return 0;
    let open = device.arriving;
    for (const id of device.ids) if (isOpen(this.#byId.get(id)?.row ?? { state: 'expired' })) open += 1;
    return open;
  }

  /** Keeps a place while `work` runs. */
  async arriving<T>(deviceId: string, work: () => Promise<T>): Promise<T> {
    const device = this.#device(deviceId);
    device.arriving += 1;
    try {
      return await work();
    } finally {
      device.arriving -= 1;
      this.#forget(deviceId);
    }
  }

  #device(deviceId: string): Device {
    const known = this.#devices.get(deviceId) ?? { ids: new Set(), arriving: 0 };
    this.#devices.set(deviceId, known);
    return known;
  }

  #forget(deviceId: string): void {
    const device = this.#devices.get(deviceId);
    if (device?.ids.size === 0 && device.arriving === 0) this.#devices.delete(deviceId);
  }
}

import { CommandCarrier, type HandOver, Timers } from '@watchfire/commands';
import { type CommandMessage } from '@watchfire/protocol';

/** Devices that listen when a test says so, and keep what they were sent. */
export class StubDevices extends CommandCarrier {
  readonly listening = new Set<string>();
  readonly received: { readonly deviceId: string; readonly message: CommandMessage }[] = [];

  override listens(deviceId: string): boolean {
    return this.listening.has(deviceId);
  }

  override send(deviceId: string, message: CommandMessage): Promise<HandOver> {
    this.received.push({ deviceId, message });
    return Promise.resolve('sent');
  }
}

/** Timers that run when a test has moved the clock. */
export class SteeredTimers extends Timers {
  readonly #timers = new Set<{ readonly due: number; readonly act: () => void }>();

  constructor(private readonly now: () => number) {
    super();
  }

  override after(ms: number, act: () => void): () => void {
    const timer = { due: this.now() + ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  fire(): void {
    for (const timer of [...this.#timers]) {
      if (timer.due <= this.now() && this.#timers.delete(timer)) timer.act();
    }
  }
}

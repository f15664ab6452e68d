import { type Deviation, STANDARD } from '@watchfire/protocol';
import {
  DeviceDirectory,
  directoryDevice,
  type DeviceShape,
  type DirectoryDevice,
} from '../src/directory.js';
import { FireCounters } from '../src/fire/fire-counters.js';
import { fireOptions, type FireOptions } from '../src/fire/fire-options.js';
import { FireServer } from '../src/fire/fire-server.js';
import { TestClock } from './harness.js';
import { HeldJournal } from './held-journal.js';

const KEYS = ['fire', 'fault', 'shield', 'supervision', 'test'];
const PROFILE = { points: KEYS.map((key) => ({ key, type: 'boolean' as const })), events: {} };

export function fireUnit(id: string, address: string, shape: Partial<DeviceShape> = {}): DirectoryDevice {
  return directoryDevice({ id, address, disabled: false, credentials: [], ...shape }, PROFILE);
}

/** A door with two rooms, `room-1` of 889 and `room-2` of 890, on a clock of its own; nothing listens yet. */
export class FireHarness {
  readonly journal = new HeldJournal();
  readonly clock = new TestClock();
  readonly directory = new DeviceDirectory();
  readonly counters = new FireCounters();
  readonly logged: string[] = [];
  /** What became of commands, and who can be sent one. */
  readonly told: string[] = [];
  readonly server: FireServer;

  constructor(options: Partial<FireOptions> = {}, deviations: readonly Deviation[] = []) {
    this.directory.upsert(fireUnit('room-1', '889'));
    this.directory.upsert(fireUnit('room-2', '890'));
    const log = (fields: object): void => void this.logged.push(JSON.stringify(fields));
    const { journal, clock, directory, counters, told } = this;
    this.server = new FireServer({
      journal,
      directory,
      clock,
      counters,
      deviations: new Map([STANDARD, ...deviations].map((one) => [one.key, one])),
      remembered: () => ({}),
      commands: {
        deviceReady: (deviceId) => told.push(`${deviceId} ready`),
        replied: (deviceId, commandId, ok) => {
          told.push(`${deviceId} ${commandId} ${ok}`);
          return Promise.resolve(true);
        },
      },
      // The poll as late as it may be.
      random: () => 1,
      options: { ...fireOptions, ...options },
      log: { info: log, warn: log, error: log },
    });
  }

  /** Time passes as the server sees it, second by second. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.clock.skippedMs += 1_000;
      this.server.look();
    }
  }

  presences(): string[] {
    return this.journal
      .of('connection')
      .map(({ deviceId, connected, reason }) => `${deviceId} ${connected ? 'on' : 'off'} ${reason}`);
  }

  fires(): unknown[] {
    return this.journal.of('event').map(({ samples }) => samples.find(([id]) => id.endsWith('.fire'))?.[1]);
  }

  command(command: string, commandId = 'cmd-1'): ReturnType<FireServer['send']> {
    return this.server.send('room-1', {
      commandId,
      command,
      params: {},
      expires: this.clock.wall + 60_000,
    });
  }
}

/** What has been sent is there when the process has looked at its sockets. */
export async function whenever(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

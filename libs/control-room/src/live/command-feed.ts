import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeviceCommands } from '@watchfire/commands';
import { type DeviceCommandRow, Registry } from '@watchfire/registry';
import { Subscription } from 'rxjs';
import { commandView } from '../views/record-views.js';
import { type LivePage } from './live-page.js';
import { LiveReports } from './live-reports.js';
import { Seats } from './seats.js';

/** A page that did not read is looked at again so often. */
const FLUSH_MS = 250;

/**
 * States of commands for every live page that may see their device [CM15]. The newest of each command waits while a page does
 * not read, so a slow page costs no more than it has commands to show.
 */
@Injectable()
export class CommandFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #running = new Subscription();
  #publishing = Promise.resolve();

  constructor(
    private readonly commands: DeviceCommands,
    private readonly registry: Registry,
    private readonly seats: Seats,
    private readonly reports: LiveReports,
  ) {}

  onApplicationBootstrap(): void {
    const publish = (row: DeviceCommandRow): void => {
      // One after the other: whose device it is has to be looked up, and states must not change their order meanwhile.
      this.#publishing = this.#publishing
        .then(() => this.#publish(row))
        .catch((error: unknown) => this.reports.failed(error, 'the state of a command was not pushed'));
    };
    this.#running.add(this.commands.changes.subscribe(publish));
    const timer = setInterval(() => this.#flushAll(), FLUSH_MS);
    timer.unref();
    this.#running.add(() => clearInterval(timer));
  }

  onApplicationShutdown(): void {
    this.#running.unsubscribe();
  }

  #flushAll(): void {
    for (const page of this.seats.pages()) this.#flush(page);
  }

  #flush(page: LivePage): void {
    if (page.commands.size === 0 || !page.idle) return;
    const waiting = [...page.commands.values()];
    page.commands.clear();
    for (const command of waiting) page.send('command', command);
  }

  async #publish(row: DeviceCommandRow): Promise<void> {
    if (this.seats.size === 0) return;
    const context = await this.registry.devices.context(row.deviceId);
    if (context === undefined) return;
    const view = commandView(row);
    for (const page of this.seats.pages()) {
      if (!page.visibility.allows(context.enterprise.id)) continue;
      page.commands.set(view.id, view);
      this.#flush(page);
    }
  }
}

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { announcementOf } from '@watchfire/alarm';
import { EngineHost } from '@watchfire/engine';

/** Announcements since the server started, for the metrics; drills are not among them. */
@Injectable()
export class AlarmCounter implements OnModuleDestroy {
  readonly #announced = new Map<string, number>();
  readonly #subscription;

  constructor(engine: EngineHost) {
    this.#subscription = engine.transitions.subscribe((transitions) => {
      for (const transition of transitions) {
        const { class: signalClass, drill } = transition.alarm;
        if (drill || announcementOf(transition) !== 'new') continue;
        this.#announced.set(signalClass, (this.#announced.get(signalClass) ?? 0) + 1);
      }
    });
  }

  onModuleDestroy(): void {
    this.#subscription.unsubscribe();
  }

  /** By signal class. */
  get announced(): ReadonlyMap<string, number> {
    return this.#announced;
  }
}

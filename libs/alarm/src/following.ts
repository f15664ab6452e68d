import { type Evaluator } from './evaluator.js';
import { type Inhibition } from './inhibition.js';
import { type AlarmView } from './model.js';
import { type Watch } from './watch.js';

/** What one alarm does to other rules of its site. */
export class Following {
  constructor(
    private readonly evaluator: Evaluator,
    private readonly inhibition: Inhibition,
  ) {}

  /** The alarm of this rule has changed; `before` is what it was. */
  follow(watch: Watch, before: AlarmView | null): void {
    const isActive = watch.alarm?.active === true;
    if (isActive !== (before?.active === true)) this.inhibition.follow(watch, this.evaluator.now);
    if ((watch.alarm?.liveSeverity ?? 0) === (before?.liveSeverity ?? 0)) return;
    for (const point of watch.points) {
      for (const reader of point.watches) {
        if (reader !== watch && reader.kind.readsAlarms === true) this.evaluator.judgeAgain(reader);
      }
    }
  }
}

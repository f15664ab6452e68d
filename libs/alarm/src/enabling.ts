import { logicValue } from './conditions/logic.js';
import { type Overlays } from './overlays.js';
import { type Watch } from './watch.js';

/** The reason of the suppression, as every client sees it. */
const NOT_ENABLED = 'not-enabled';

/**
 * State-based enabling: while what enables a rule is false, its alarm is suppressed by design, and its condition is evaluated as ever.
 * Unknown leaves it as it is. [AL85]
 */
export class Enabling {
  constructor(private readonly overlays: Overlays) {}

  tell(watch: Watch, now: number): void {
    const { enabledWhen } = watch.rule;
    const isEnabled = enabledWhen === undefined ? true : logicValue(watch, enabledWhen, now);
    if (isEnabled === false) this.overlays.suppress(watch, NOT_ENABLED, now);
    else if (isEnabled === true) this.overlays.unsuppress(watch, NOT_ENABLED, now);
  }
}

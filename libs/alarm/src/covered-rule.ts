import { type AlarmView, type BilingualText, type DeviceConfiguration } from './model.js';
import { CLEAR, type Overlay } from './overlay.js';
import { type Watch } from './watch.js';

/** A rule over which something lies, with its alarm where one is open. */
export interface CoveredRule extends Overlay {
  readonly device: DeviceConfiguration;
  readonly key: string;
  readonly class: string;
  readonly title: BilingualText;
  readonly alarm: AlarmView | null;
}

export function coveredRule({ device, rule, alarm, overlay }: Watch): CoveredRule {
  return {
    ...(overlay ?? CLEAR),
    device: device.configuration,
    key: rule.key,
    class: rule.class,
    title: rule.title,
    alarm,
  };
}

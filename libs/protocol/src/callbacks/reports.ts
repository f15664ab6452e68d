import { type DialectResult, type Uplink } from '../dialect.js';
import { type Refusal } from '../refusal.js';
import { callbackFormats } from './all.js';
import { type CallbackFormat, type CallbackItem, type CallbackName } from './callback.js';

const TOPIC = 'callbacks';

/** What the reports of one address are filed under, beside the topics of MQTT: a dead letter says with it how it is read. */
export function callbackTopic(format: CallbackName, integration: string): string {
  return `${TOPIC}/${format}/${integration}`;
}

export function callbackFormatOfTopic(topic: string): CallbackFormat | undefined {
  const [first, name, integration, ...more] = topic.split('/');
  if (first !== TOPIC || integration === undefined || more.length > 0) return undefined;
  for (const format of callbackFormats.values()) if (format.name === name) return format;
  return undefined;
}

/** The name of the device among all of its address: two products may each have a `gas-1`, and must not become one device. */
export function callbackChild({ product, deviceName }: CallbackItem): string {
  return product === undefined ? deviceName : `${product}.${deviceName}`;
}

/** Reports as what a gateway says of the devices behind it. */
export function callbackResult(
  items: readonly CallbackItem[],
  refusals: readonly Refusal[] = [],
): DialectResult {
  const all = [...refusals];
  const uplinks: Uplink[] = [];
  for (const item of items) {
    const child = callbackChild(item);
    for (const uplink of item.uplinks)
      uplinks.push(uplink.kind === 'ignored' ? uplink : { ...uplink, child });
    for (const { code, message } of item.refusals) all.push({ code, message: `${child}: ${message}` });
  }
  return { uplinks, refusals: all, answers: [] };
}

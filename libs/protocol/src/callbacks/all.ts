import { type CallbackFormat, type CallbackName } from './callback.js';
import { ctWingCallback } from './ct-wing.js';
import { huaweiCallback } from './huawei.js';
import { oneNetCallback } from './one-net.js';
import { watchfireCallback } from './watchfire.js';

/** By the name that a callback address is configured with. */
export const callbackFormats: ReadonlyMap<CallbackName, CallbackFormat> = new Map(
  [watchfireCallback, oneNetCallback, ctWingCallback, huaweiCallback].map((format) => [format.name, format]),
);

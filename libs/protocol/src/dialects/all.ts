import { type Dialect } from '../dialect.js';
import { sparkplug } from '../sparkplug/sparkplug.js';
import { alibaba } from './alibaba.js';
import { huawei } from './huawei.js';
import { jetLinks } from './jet-links.js';
import { oneNet } from './one-net.js';
import { thingsBoard } from './things-board.js';
import { watchfire } from './watchfire.js';

/** Every dialect; a topic has the form of one of them at most. */
export const dialects: readonly Dialect[] = [
  watchfire,
  thingsBoard,
  sparkplug,
  jetLinks,
  alibaba,
  huawei,
  oneNet,
];

/** Whose form a topic (or filter) has, whoever it belongs to. */
export function dialectOfTopic(topic: string): Dialect | undefined {
  return dialects.find((dialect) => dialect.isTopic(topic));
}

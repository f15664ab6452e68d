import { type Dialect } from '../dialect.js';
import { type DecodeLimits } from '../limits.js';
import { sparkplugLimits, type SparkplugLimits } from './limits.js';
import { NodeSession } from './node-session.js';
import { isSparkplugTopic } from './topic.js';

/**
 * Sparkplug B version 3.0 (Eclipse Sparkplug specification 3.0.0, ISO/IEC 20237), the side of the host. Version 4 has another
 * version element in its topics and is none of this.
 */
export const sparkplug: Dialect = {
  name: 'sparkplug',
  isTopic: isSparkplugTopic,
  open: (deviceId, limits) => openSparkplugNode(deviceId, limits),
};

/**
 * @param edgeNode the edge node id, which is the id of the MQTT device.
 * @param known `group` where an earlier session learnt it: then `greeting` can ask for a rebirth before the node says anything.
 */
export function openSparkplugNode(
  edgeNode: string,
  limits: DecodeLimits,
  known: { readonly group?: string; readonly limits?: SparkplugLimits } = {},
): NodeSession {
  return new NodeSession(edgeNode, limits, known.limits ?? sparkplugLimits, known.group);
}

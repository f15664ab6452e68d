import { isTopicLevel } from '../dialects/names.js';

/** The version is part of the topic: version 4 will have another one and another codec. */
export const NAMESPACE = 'spBv1.0';

export type NodeMessage = 'NBIRTH' | 'NDEATH' | 'NDATA';
export type DeviceMessage = 'DBIRTH' | 'DDEATH' | 'DDATA';

export type UplinkTopic = { readonly group: string } & (
  | { readonly type: NodeMessage; readonly device?: undefined }
  | { readonly type: DeviceMessage; readonly device: string }
);

const NODE_MESSAGES: ReadonlySet<string> = new Set<NodeMessage>(['NBIRTH', 'NDEATH', 'NDATA']);
const DEVICE_MESSAGES: ReadonlySet<string> = new Set<DeviceMessage>(['DBIRTH', 'DDEATH', 'DDATA']);
const isNodeMessage = (type: string): type is NodeMessage => NODE_MESSAGES.has(type);
const isDeviceMessage = (type: string): type is DeviceMessage => DEVICE_MESSAGES.has(type);

/** `spBv1.0/{group}/{type}/{edge node}[/{device}]` of this edge node, in the direction of the host. */
export function parseUplinkTopic(topic: string, edgeNode: string): UplinkTopic | undefined {
  const [namespace, group, type, node, device, ...more] = topic.split('/');
  if (
    namespace !== NAMESPACE ||
    !isTopicLevel(group) ||
    node !== edgeNode ||
    type === undefined ||
    more.length > 0
  ) {
    return undefined;
  }
  if (isNodeMessage(type)) return device === undefined ? { group, type } : undefined;
  return isDeviceMessage(type) && isTopicLevel(device) ? { group, type, device } : undefined;
}

export const commandTopic = (group: string, edgeNode: string, device?: string): string =>
  device === undefined
    ? `${NAMESPACE}/${group}/NCMD/${edgeNode}`
    : `${NAMESPACE}/${group}/DCMD/${edgeNode}/${device}`;

/**
 * Whether the filter takes in commands to this edge node and its devices, or states of hosts, and nothing else. The group
 * is undefined until the node has published: a client subscribes first, and in any group it hears only what is for this
 * edge node.
 */
export function isOwnFilter(filter: string, edgeNode: string, group: string | undefined): boolean {
  if (isHostStateFilter(filter)) return true;
  const [namespace, ofGroup, type, node, device, ...more] = filter.split('/');
  if (namespace !== NAMESPACE || !isTopicLevel(ofGroup) || node !== edgeNode || more.length > 0) return false;
  if (group !== undefined && ofGroup !== group) return false;
  // `NCMD/{node}/#` takes in `NCMD/{node}`: this is what Tahu's client subscribes to.
  if (type === 'NCMD') return device === undefined || device === '#';
  return (
    type === 'DCMD' && (device === undefined || device === '#' || device === '+' || isTopicLevel(device))
  );
}

/** `spBv1.0/STATE/{host}`, and `STATE/{host}` as before version 3. */
function isHostStateFilter(filter: string): boolean {
  const host = filter.startsWith(`${NAMESPACE}/STATE/`)
    ? filter.slice(NAMESPACE.length + 7)
    : filter.startsWith('STATE/')
      ? filter.slice(6)
      : undefined;
  return host === '#' || host === '+' || isTopicLevel(host);
}

/** Whether a message of the host on this topic is for the edge node: its commands, and the states of hosts. */
export function isForNode(topic: string, edgeNode: string, group: string | undefined): boolean {
  return !/[+#]/.test(topic) && isOwnFilter(topic, edgeNode, group);
}

export function isSparkplugTopic(topic: string): boolean {
  return topic.startsWith(`${NAMESPACE}/`) || topic.startsWith('STATE/');
}

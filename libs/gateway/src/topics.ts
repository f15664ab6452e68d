import { TOPIC_ROOT } from '@watchfire/contracts';

export type DeviceTopic =
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'events' }
  | { readonly kind: 'command-reply'; readonly commandId: string };

const COMMAND_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What a topic is to the device that publishes on it; `undefined`: not its business. */
export function deviceTopic(topic: string, deviceId: string): DeviceTopic | undefined {
  const own = ownPart(topic, deviceId);
  if (own === undefined) return undefined;
  if (own === 'telemetry' || own === 'events') return { kind: own };
  const [word, commandId, reply, ...rest] = own.split('/');
  if (word !== 'commands' || reply !== 'reply' || rest.length > 0) return undefined;
  return commandId !== undefined && COMMAND_ID.test(commandId)
    ? { kind: 'command-reply', commandId }
    : undefined;
}

/** Filters of a device: its `errors`, and its `commands` as a whole, as one level, or one of them. */
export function isOwnFilter(filter: string, deviceId: string): boolean {
  const own = ownPart(filter, deviceId);
  if (own === undefined) return false;
  if (own === 'errors' || own === 'commands/#' || own === 'commands/+') return true;
  const [word, commandId, ...rest] = own.split('/');
  return word === 'commands' && commandId !== undefined && COMMAND_ID.test(commandId) && rest.length === 0;
}

/** Whether a message of the server on this topic is for the device. */
export function isForDevice(topic: string, deviceId: string): boolean {
  const own = ownPart(topic, deviceId);
  return own === 'errors' || (own?.startsWith('commands/') ?? false);
}

function ownPart(topic: string, deviceId: string): string | undefined {
  const prefix = `${TOPIC_ROOT}/${deviceId}/`;
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : undefined;
}

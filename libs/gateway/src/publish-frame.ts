import { isUtf8 } from 'node:buffer';

/** A PUBLISH as it lies in the buffer of its connection: offsets, no copies. One object for all of them. */
export interface PublishFrame {
  readonly buffer: Buffer;
  readonly topicFrom: number;
  readonly topicTo: number;
  readonly payloadFrom: number;
  readonly payloadTo: number;
  /** 0 at QoS 0. */
  readonly packetId: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Whether the topic is the one that is usual on its connection. */
  readonly isUsual: boolean;
}

const SLASH = 0x2f;
const HASH = 0x23;
const PLUS = 0x2b;

class Frame {
  buffer: Buffer = Buffer.alloc(0);
  topicFrom = 0;
  topicTo = 0;
  payloadFrom = 0;
  payloadTo = 0;
  packetId = 0;
  qos: 0 | 1 | 2 = 0;
  retain = false;
  isUsual = false;
}

const frame = new Frame();

/**
 * Reads a PUBLISH whose fixed header ends at `body` and which ends at `next`, by MQTT 3.1.1 §3.3; answers why it is none
 * otherwise. A topic that is `usual` is known to be well-formed. What is answered is valid until the next call.
 */
// eslint-disable-next-line max-params -- an object of them would be one for each message
export function readPublish(
  buffer: Buffer,
  flags: number,
  body: number,
  next: number,
  maxTopicLevels: number,
  usual: string,
): PublishFrame | string {
  const qos = (flags >> 1) & 3;
  if (qos === 3) return 'publish_malformed'; // [MQTT-3.3.1-4]
  if (qos === 0 && (flags & 8) !== 0) return 'publish_malformed'; // [MQTT-3.3.1-2]
  if (body + 2 > next) return 'publish_malformed';
  const topicFrom = body + 2;
  const topicTo = topicFrom + buffer[body]! * 256 + buffer[body + 1]!;
  const payloadFrom = qos === 0 ? topicTo : topicTo + 2;
  if (payloadFrom > next) return 'publish_malformed';
  const isUsual = isTopic(usual, buffer, topicFrom, topicTo);
  const violation = isUsual ? undefined : topicViolation(buffer, topicFrom, topicTo, maxTopicLevels);
  if (violation !== undefined) return violation;
  const packetId = qos === 0 ? 0 : buffer[topicTo]! * 256 + buffer[topicTo + 1]!;
  if (qos !== 0 && packetId === 0) return 'publish_malformed'; // [MQTT-2.3.1-1]
  frame.buffer = buffer;
  frame.topicFrom = topicFrom;
  frame.topicTo = topicTo;
  frame.payloadFrom = payloadFrom;
  frame.payloadTo = next;
  frame.packetId = packetId;
  frame.qos = qos as 0 | 1 | 2;
  frame.retain = (flags & 1) !== 0;
  frame.isUsual = isUsual;
  return frame;
}

/** `topic`: of ASCII. */
function isTopic(topic: string, buffer: Buffer, from: number, to: number): boolean {
  const { length } = topic;
  if (to - from !== length) return false;
  for (let i = 0; i < length; i++) if (buffer[from + i] !== topic.charCodeAt(i)) return false;
  return length > 0;
}

function topicViolation(buffer: Buffer, from: number, to: number, maxLevels: number): string | undefined {
  if (from === to) return 'topic_malformed'; // [MQTT-4.7.3-1]
  let levels = 1;
  let ascii = true;
  for (let i = from; i < to; i++) {
    const byte = buffer[i]!;
    if (byte === SLASH) levels++;
    // [MQTT-3.3.2-2], [MQTT-4.7.3-2]
    else if (byte === HASH || byte === PLUS || byte === 0) return 'topic_malformed';
    else if (byte >= 0x80) ascii = false;
  }
  if (levels > maxLevels) return 'topic_too_deep';
  return ascii || isUtf8(buffer.subarray(from, to)) ? undefined : 'topic_malformed'; // [MQTT-1.5.3-1]
}

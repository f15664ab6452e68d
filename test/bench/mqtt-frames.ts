/** The handful of MQTT 3.1.1 frames that a load generator needs, written by hand: a library would be the bottleneck. */

export const CONNACK = 0x20;
export const PUBLISH = 0x30;
export const PUBACK = 0x40;
export const SUBACK = 0x90;

const QOS_1 = 0x02;

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Remaining length (§2.2.3): seven bits a byte, least significant first. */
function remainingLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    const more = rest > 0x7f;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}

function frame(header: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([header]), remainingLength(body.length), body]);
}

export interface Credential {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

export function connectFrame(credential: Credential, keepAliveSeconds: number): Buffer {
  const cleanSession = 0x02;
  const withPassword = 0x40;
  const withUsername = 0x80;
  const keepAlive = Buffer.alloc(2);
  keepAlive.writeUInt16BE(keepAliveSeconds);
  return frame(
    0x10,
    text('MQTT'),
    Buffer.from([4, cleanSession | withPassword | withUsername]),
    keepAlive,
    text(credential.clientId),
    text(credential.username),
    text(credential.password),
  );
}

export function subscribeFrame(packetId: number, filters: readonly string[]): Buffer {
  const id = Buffer.alloc(2);
  id.writeUInt16BE(packetId);
  return frame(0x82, id, ...filters.flatMap((filter) => [text(filter), Buffer.from([1])]));
}

export function pubackFrame(packetId: number): Buffer {
  return Buffer.from([PUBACK, 2, packetId >> 8, packetId & 0xff]);
}

export const disconnectFrame = (): Buffer => Buffer.from([0xe0, 0]);

/** A PUBLISH of QoS 1 and where in it the packet id and the payload begin, so that both can be patched in place. */
export interface PublishTemplate {
  readonly bytes: Buffer;
  readonly packetIdAt: number;
  readonly payloadAt: number;
}

export function publishTemplate(topic: string, payload: Buffer): PublishTemplate {
  const bytes = frame(PUBLISH | QOS_1, text(topic), Buffer.alloc(2), payload);
  const payloadAt = bytes.length - payload.length;
  return { bytes, packetIdAt: payloadAt - 2, payloadAt };
}

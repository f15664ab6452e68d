export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export interface ConnectRequest {
  /** 3: MQTT 3.1; 4: MQTT 3.1.1. */
  readonly level: 3 | 4;
  readonly clientId: string;
  readonly clean: boolean;
  /** 0: the client wants none. */
  readonly keepaliveSeconds: number;
  readonly will?: Will;
  readonly username?: string;
  readonly password?: Uint8Array;
}

export interface ConnectViolation {
  readonly violation: string;
  /** The CONNACK that the standard asks for, where it asks for one. */
  readonly connack?: Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** CONNACK of 3.1 and 3.1.1 with a return code of §3.2.2.3. */
export const connack = (returnCode: number): Uint8Array => Uint8Array.of(0x20, 2, 0, returnCode);
/** CONNACK of MQTT 5 with "unsupported protocol version", so that a client of that version knows to fall back. */
const UNSUPPORTED_VERSION_5 = Uint8Array.of(0x20, 3, 0, 0x84, 0);

/** Parses what follows the fixed header of a CONNECT, to the last byte, by MQTT 3.1.1 §3.1. Never throws. */
export function parseConnect(body: Uint8Array): ConnectRequest | ConnectViolation {
  const reader = new FieldReader(body);
  const name = reader.text();
  const level = reader.byte();
  if (name !== 'MQTT' && name !== 'MQIsdp') return { violation: 'protocol_name' }; // [MQTT-3.1.2-1]
  if (level === undefined) return { violation: 'connect_malformed' };
  if (level !== (name === 'MQTT' ? 4 : 3)) {
    // [MQTT-3.1.2-2]
    const answer = level === 5 ? UNSUPPORTED_VERSION_5 : connack(1);
    return { violation: 'protocol_version', connack: answer };
  }
  const flags = reader.byte();
  const keepaliveSeconds = reader.uint16();
  const clientId = reader.text();
  if (flags === undefined || keepaliveSeconds === undefined || clientId === undefined) {
    return { violation: reader.malformed ? 'text_malformed' : 'connect_malformed' };
  }
  if (!areFlagsValid(flags)) return { violation: 'connect_flags' };
  const will = flags & WILL ? readWill(reader, flags) : undefined;
  const username = flags & USERNAME ? reader.text() : undefined;
  const password = flags & PASSWORD ? reader.bytes() : undefined;
  if (reader.malformed) return { violation: 'text_malformed' };
  if (!reader.complete) return { violation: 'connect_malformed' };
  return {
    level,
    clientId,
    clean: (flags & CLEAN) !== 0,
    keepaliveSeconds,
    ...(will === undefined ? {} : { will }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

const CLEAN = 0x02;
const WILL = 0x04;
const WILL_QOS = 0x18;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USERNAME = 0x80;

function areFlagsValid(flags: number): boolean {
  if (flags & 0x01) return false; // [MQTT-3.1.2-3]
  if (!(flags & WILL) && flags & (WILL_QOS | WILL_RETAIN)) return false; // [MQTT-3.1.2-13], [MQTT-3.1.2-15]
  if ((flags & WILL_QOS) === WILL_QOS) return false; // [MQTT-3.1.2-14]
  return !(flags & PASSWORD) || (flags & USERNAME) !== 0; // [MQTT-3.1.2-22]
}

function readWill(reader: FieldReader, flags: number): Will | undefined {
  const topic = reader.text();
  const payload = reader.bytes();
  if (topic === undefined || payload === undefined) return undefined;
  const qos = ((flags & WILL_QOS) >> 3) as 0 | 1 | 2;
  return { topic, payload, qos, retain: (flags & WILL_RETAIN) !== 0 };
}

/** Reads length-prefixed fields; after the first that is missing or ill-formed it answers nothing more. */
class FieldReader {
  /** A text was no UTF-8 or held U+0000 [MQTT-1.5.3-1], [MQTT-1.5.3-2]. */
  malformed = false;
  private at = 0;
  private short = false;

  constructor(private readonly body: Uint8Array) {}

  /** Every field was there and nothing is left over. */
  get complete(): boolean {
    return !this.short && !this.malformed && this.at === this.body.length;
  }

  byte(): number | undefined {
    const byte = this.body[this.at++];
    if (byte === undefined) this.short = true;
    return this.short ? undefined : byte;
  }

  uint16(): number | undefined {
    const high = this.byte();
    const low = this.byte();
    return high === undefined || low === undefined ? undefined : high * 256 + low;
  }

  bytes(): Uint8Array | undefined {
    const length = this.uint16();
    if (length === undefined || this.at + length > this.body.length) {
      this.short = true;
      return undefined;
    }
    this.at += length;
    // A copy: `slice` of a Buffer is a view, which would keep the whole receive buffer alive as long as a last will.
    return new Uint8Array(this.body.subarray(this.at - length, this.at));
  }

  text(): string | undefined {
    const bytes = this.bytes();
    if (bytes === undefined) return undefined;
    try {
      const text = utf8.decode(bytes);
      if (!text.includes('\u0000')) return text;
    } catch {
      // Ill-formed UTF-8 is told apart from a short packet by the flag below.
    }
    this.malformed = true;
    return undefined;
  }
}

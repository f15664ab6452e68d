import { type Uplink } from '../dialect.js';
import { type DecodeLimits } from '../limits.js';
import { type Failure, type Refusal } from '../refusal.js';

export type CallbackName = 'watchfire' | 'onenet' | 'ctwing' | 'huawei';

/** Hash functions of the host: this library is pure and brings none. */
export interface CallbackHashes {
  readonly md5: (data: Uint8Array) => Uint8Array;
  readonly sha256: (data: Uint8Array) => Uint8Array;
  readonly hmacSha256: (key: Uint8Array, data: Uint8Array) => Uint8Array;
}

/** What a platform asks of the callback address. */
export interface CallbackRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decoded. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What was agreed with the platform for one callback address, and the functions to check it with. */
export interface CallbackTrust {
  readonly secret: string;
  readonly hashes: CallbackHashes;
}

/** One report of one device. A platform may put several into one request, each of which stands for itself. */
export interface CallbackItem {
  /**
   * The same for a report that is sent again, another one for every other report of the same callback address; at most 512
   * characters. Where the platform gives none it is `sha256:` and the hash of the report itself, which carries its time.
   */
  readonly eventId: string;
  /** What the platform calls the device. */
  readonly deviceName: string;
  /** The product within which the name is unique; absent where it is unique by itself. */
  readonly product?: string;
  /** Of the device itself, so without `child`; `presence` has to name one, and names the device. */
  readonly uplinks: readonly Uplink[];
  readonly refusals: readonly Refusal[];
}

export interface DecodedCallback {
  readonly ok: true;
  readonly items: readonly CallbackItem[];
  /** What belongs to no item. */
  readonly refusals: readonly Refusal[];
}

/** What one platform sends to a callback address over HTTP. Nothing here throws, whatever the request. */
export interface CallbackFormat {
  readonly name: CallbackName;
  /** The text to answer with when the request only tries the address out (a GET), or why it is not answered. */
  readonly handshake?: (
    request: CallbackRequest,
    trust: CallbackTrust,
  ) => { readonly echo: string } | CallbackDistrust;
  /** `undefined`: the request is from whoever knows the secret. To be asked before `decode`. */
  readonly distrust: (request: CallbackRequest, trust: CallbackTrust) => CallbackDistrust | undefined;
  readonly decode: (
    body: Uint8Array,
    limits: DecodeLimits,
    hashes: CallbackHashes,
  ) => DecodedCallback | Failure;
}

export interface CallbackDistrust {
  readonly reason: 'signature_missing' | 'signature_wrong' | 'timestamp_stale';
}

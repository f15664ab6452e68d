import {
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { parseJson } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { jsonBytes, parseObject } from './json-message.js';
import { ignored, Outcome, refused } from './outcome.js';
import { PendingCommands } from './pending-commands.js';
import { addReply } from './replies.js';
import { ThingsBoardGateway } from './things-board-gateway.js';
import {
  attributesAnswer,
  readClaim,
  readTelemetry,
  replySucceeded,
  sharedUpdate,
} from './things-board-json.js';
import { MAX_TOPIC_LENGTH, TopicSet } from './topic-set.js';
import { readAttributes } from './values.js';

/** The topics of one spelling; those that end in `/` are followed by a number. */
interface Spelling {
  readonly telemetry: string;
  readonly attributes: string;
  readonly attributesRequest: string;
  readonly attributesResponse: string;
  readonly rpcRequest: string;
  readonly rpcResponse: string;
}

const LONG: Spelling = {
  telemetry: 'v1/devices/me/telemetry',
  attributes: 'v1/devices/me/attributes',
  attributesRequest: 'v1/devices/me/attributes/request/',
  attributesResponse: 'v1/devices/me/attributes/response/',
  rpcRequest: 'v1/devices/me/rpc/request/',
  rpcResponse: 'v1/devices/me/rpc/response/',
};

const short = (format: string): Spelling => ({
  telemetry: `v2/t${format}`,
  attributes: `v2/a${format}`,
  attributesRequest: `v2/a/req${format}/`,
  attributesResponse: `v2/a/res${format}/`,
  rpcRequest: `v2/r/req${format}/`,
  rpcResponse: `v2/r/res${format}/`,
});

const SPELLINGS = [LONG, short(''), short('/j')];
const CLAIM = 'v1/devices/me/claim';
const PROTOBUF = /^v2\/(?:t|a|[ar]\/re[qs])\/p(?:\/[0-9]{1,10})?$/;
const FIRMWARE = /^v2\/(fw|sw)\/request\/[0-9]{1,10}\/chunk\/[0-9]{1,10}$/;
const SHORT_FORM = /^v2\/(?:[tar]|fw|sw)(?:\/|$)/;

const heard = new TopicSet([
  ...SPELLINGS.flatMap((spelling) => [
    spelling.attributes,
    `${spelling.attributesResponse}*`,
    `${spelling.rpcRequest}*`,
    `${spelling.rpcResponse}*`,
  ]),
  ...['fw', 'sw'].flatMap((kind) => [`v2/${kind}/response/*/chunk/*`, `v2/${kind}/error`]),
  ...ThingsBoardGateway.heard,
]);

/**
 * ThingsBoard device API v1, its short forms in JSON, and gateway API v1. The connection says who it is: every topic says `me`.
 * Provisioning (`/provision/request`) comes from a client that is no device yet, so it has the form but belongs to no session.
 */
export const thingsBoard: Dialect = {
  name: 'thingsboard',
  sharedTopics: true,
  isTopic: (topic) =>
    topic.startsWith('v1/devices/me/') ||
    topic.startsWith('v1/gateway/') ||
    topic === '/provision/request' ||
    topic === '/provision/response' ||
    SHORT_FORM.test(topic),
  open: (_deviceId, limits) => new ThingsBoardSession(limits),
};

class ThingsBoardSession implements DialectSession {
  private readonly pending = new PendingCommands();
  private readonly gateway: ThingsBoardGateway;
  /** As the device subscribed: it hears the server in its own spelling only. */
  private rpc = LONG;
  private attributes = LONG;

  constructor(private readonly limits: DecodeLimits) {
    this.gateway = new ThingsBoardGateway(limits, this.pending);
  }

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    if (topic.length > MAX_TOPIC_LENGTH) return undefined;
    if (topic.startsWith('v1/gateway/')) return this.gateway.receive(topic, payload);
    if (topic === CLAIM) return this.claim(payload);
    for (const spelling of SPELLINGS) {
      const result = this.receiveIn(spelling, topic, payload);
      if (result !== undefined) return result;
    }
    if (PROTOBUF.test(topic)) return refused('format_unsupported', 'protobuf payloads are not read here');
    const kind = FIRMWARE.exec(topic)?.[1];
    return kind === undefined ? undefined : noFirmware(kind);
  }

  mayHear(filter: string): boolean {
    if (!heard.hasFilter(filter)) return false;
    for (const spelling of SPELLINGS) {
      if (filter === `${spelling.rpcRequest}+`) this.rpc = spelling;
      if (filter === spelling.attributes) this.attributes = spelling;
    }
    return true;
  }

  isForDevice(topic: string): boolean {
    return heard.hasTopic(topic);
  }

  command(message: CommandMessage, child?: string): Downlink | CommandRefusal {
    if (child !== undefined) return this.gateway.command(message, child);
    if (message.command === 'write_attributes') {
      const update = sharedUpdate(message.params);
      if ('refused' in update) return update;
      return { topic: this.attributes.attributes, payload: jsonBytes(update.document), unanswered: true };
    }
    const { command: method, params } = message;
    return {
      topic: `${this.rpc.rpcRequest}${this.pending.add(message.commandId)}`,
      payload: jsonBytes({ method, params }),
    };
  }

  awaitReply(commandId: string, child?: string): void {
    this.pending.add(commandId, child);
  }

  private receiveIn(spelling: Spelling, topic: string, payload: Uint8Array): DialectResult | undefined {
    if (topic === spelling.telemetry) return this.telemetry(payload);
    if (topic === spelling.attributes) return this.reportedAttributes(payload);
    const reply = requestId(topic, spelling.rpcResponse);
    if (reply !== undefined) return this.rpcResponse(reply, payload);
    const call = requestId(topic, spelling.rpcRequest);
    if (call !== undefined) return noSuchMethod(`${spelling.rpcResponse}${call}`);
    const asked = requestId(topic, spelling.attributesRequest);
    if (asked === undefined) return undefined;
    return this.attributesRequest(`${spelling.attributesResponse}${asked}`, payload);
  }

  private telemetry(payload: Uint8Array): DialectResult {
    const parsed = parseJson(payload, this.limits.maxDepth);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    const refusals = outcome.refusals;
    for (const message of readTelemetry(parsed.value, this.limits, this.limits.maxMessages, refusals)) {
      outcome.add({ kind: 'telemetry', message });
    }
    if (outcome.uplinks.length === 0 && refusals.length === 0) return ignored('nothing but null');
    return outcome.result();
  }

  private reportedAttributes(payload: Uint8Array): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    const attributes = readAttributes(parsed.value, this.limits, outcome.refusals);
    if (attributes !== undefined) outcome.add({ kind: 'attributes', attributes });
    if (outcome.uplinks.length === 0 && outcome.refusals.length === 0) return ignored('nothing but null');
    return outcome.result();
  }

  private rpcResponse(id: string, payload: Uint8Array): DialectResult {
    const parsed = parseJson(payload, this.limits.maxDepth);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const sent = this.pending.takeFrom(undefined, id);
    const result = { ok: replySucceeded(parsed.value), data: parsed.value };
    return addReply(new Outcome(), sent, result, this.limits).result();
  }

  private attributesRequest(topic: string, payload: Uint8Array): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    const answer = attributesAnswer(parsed.value, topic, this.limits, outcome.refusals);
    if (answer !== undefined) outcome.add({ kind: 'attributes-request', answer });
    return outcome.result();
  }

  private claim(payload: Uint8Array): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    const claim = readClaim(parsed.value, outcome.refusals);
    return outcome.add(claim && { kind: 'claim', ...claim }).result();
  }
}

/** The number at the end, as it was written. */
function requestId(topic: string, prefix: string): string | undefined {
  if (!topic.startsWith(prefix)) return undefined;
  const id = topic.slice(prefix.length);
  return /^[0-9]{1,10}$/.test(id) ? id : undefined;
}

/** A device that calls the server waits for an answer, and must not take silence for one. */
function noSuchMethod(topic: string): DialectResult {
  return new Outcome()
    .refuse('rpc_unsupported', 'the server offers no methods to devices')
    .answer({ topic, payload: jsonBytes({ error: 'the server offers no methods to devices' }) });
}

function noFirmware(kind: string): DialectResult {
  return new Outcome()
    .add({ kind: 'ignored', what: 'firmware request' })
    .answer({ topic: `v2/${kind}/error`, payload: jsonBytes({ error: 'no firmware is served here' }) });
}

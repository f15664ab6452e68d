import {
  type Answer,
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { epochTime } from '../envelope.js';
import { isObject, member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted, type Refusal } from '../refusal.js';
import { isTopicLevel, isWireId, isWireName, NAME_RULE } from './names.js';
import { jsonBytes, parseObject } from './json-message.js';
import { of, Outcome, refused } from './outcome.js';
import { PendingCommands } from './pending-commands.js';
import { addReply, codedResult } from './replies.js';
import { isPair, readTimedValues } from './timed-values.js';
import { MAX_TOPIC_LENGTH, TopicSet } from './topic-set.js';
import { readableKeys, readEvent } from './values.js';

const UNKNOWN_PRODUCT = 'watchfire';
const WRONG_PARAMETERS = 400;

/** Behind `$sys/{pid}/{device}/`. */
const SENT = [
  'thing/property/post/reply',
  'thing/event/post/reply',
  'thing/pack/post/reply',
  'thing/history/post/reply',
  'thing/property/set',
  'thing/property/get',
  'thing/service/*/invoke',
  'thing/sub/property/set',
  'thing/sub/property/get',
  'thing/sub/service/invoke',
];
const sent = new TopicSet(SENT);
const heard = new TopicSet([
  ...SENT,
  ...['', 'thing/', 'thing/property/', 'thing/service/', 'thing/event/', 'thing/sub/'].map(
    (part) => `${part}#`,
  ),
]);

/** China Mobile OneNET, OneJSON: `$sys/{pid}/{device}/thing/…`; the device's name is its id. */
export const oneNet: Dialect = {
  name: 'onenet',
  isTopic: (topic) => topic.startsWith('$sys/'),
  open: (deviceId, limits) => new OneNetSession(deviceId, limits),
};

class OneNetSession implements DialectSession {
  private readonly pending = new PendingCommands();
  private readonly products = new ChildProducts();
  private productId = UNKNOWN_PRODUCT;

  constructor(
    private readonly deviceName: string,
    private readonly limits: DecodeLimits,
  ) {}

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    const own = this.ownPart(topic);
    const read = own && this.reader(own.path, topic);
    if (own === undefined || read === undefined) return undefined;
    this.productId = own.productId;
    const parsed = parseObject(payload, this.limits);
    return parsed.ok ? read(parsed.value) : refused(parsed.code, parsed.message);
  }

  mayHear(filter: string): boolean {
    const own = this.ownPart(filter);
    if (own === undefined || !heard.hasFilter(own.path)) return false;
    this.productId = own.productId;
    return true;
  }

  isForDevice(topic: string): boolean {
    const own = this.ownPart(topic);
    return own !== undefined && sent.hasTopic(own.path);
  }

  command(message: CommandMessage, child?: string): Downlink | CommandRefusal {
    const request = requestOf(message);
    if ('refused' in request) return request;
    const { service, params } = request;
    const id = String(this.pending.add(message.commandId, child));
    const root = `$sys/${this.productId}/${this.deviceName}/thing/`;
    if (child === undefined) {
      const path = service === undefined ? request.path : `service/${service}/invoke`;
      return { topic: root + path, payload: jsonBytes({ id, version: '1.0', params }) };
    }
    const identity = { deviceName: child, productID: this.products.of(child) ?? this.productId };
    const path = service === undefined ? request.path : 'service/invoke';
    const inner = service === undefined ? { params } : { identifier: service, input: params };
    return {
      topic: `${root}sub/${path}`,
      payload: jsonBytes({ id, version: '1.0', params: { ...identity, ...inner } }),
    };
  }

  awaitReply(commandId: string, child?: string): void {
    this.pending.add(commandId, child);
  }

  private ownPart(topic: string): { readonly productId: string; readonly path: string } | undefined {
    if (topic.length > MAX_TOPIC_LENGTH) return undefined;
    const [sys, productId, deviceName, ...levels] = topic.split('/');
    if (sys !== '$sys' || deviceName !== this.deviceName || !isTopicLevel(productId)) return undefined;
    return { productId, path: levels.join('/') };
  }

  private reader(path: string, topic: string): ((body: JsonObject) => DialectResult) | undefined {
    switch (path) {
      case 'thing/property/post':
        return (body) =>
          this.post(body, topic, (params, outcome) => this.properties(params, undefined, false, outcome));
      case 'thing/event/post':
        return (body) =>
          this.post(body, topic, (params, outcome) => this.events(params, undefined, false, outcome));
      case 'thing/pack/post':
        return (body) => this.post(body, topic, (params, outcome) => this.pack(params, false, outcome));
      case 'thing/history/post':
        return (body) => this.post(body, topic, (params, outcome) => this.pack(params, true, outcome));
      case 'thing/property/get_reply':
      case 'thing/sub/property/get_reply':
        return (body) => this.readReply(body);
      default: {
        const isReply = /^thing\/(?:sub\/)?(?:property\/set_reply|service\/(?:[^/]+\/)?invoke_reply)$/.test(
          path,
        );
        return isReply ? (body) => this.reply(body).result() : undefined;
      }
    }
  }

  private post(
    body: JsonObject,
    topic: string,
    read: (params: unknown, outcome: Outcome) => void,
  ): DialectResult {
    const outcome = new Outcome();
    read(member(body, 'params'), outcome);
    const id = member(body, 'id');
    if (isWireId(id)) outcome.answer(postReply(id, `${topic}/reply`, outcome.refusals));
    return outcome.result();
  }

  private properties(params: unknown, child: string | undefined, hist: boolean, outcome: Outcome): void {
    const rules = { hist, series: hist };
    for (const message of readTimedValues(params, rules, this.limits, outcome.refusals)) {
      outcome.add({ kind: 'telemetry', ...of(child), message });
    }
  }

  private events(params: unknown, child: string | undefined, series: boolean, outcome: Outcome): void {
    const { limits } = this;
    let left = limits.maxMessages;
    const names = readableKeys(params, limits, outcome.refusals);
    if (!isObject(params)) return;
    for (const name of names) {
      const value = params[name];
      const entries: readonly unknown[] = series && Array.isArray(value) ? value : [value];
      if (entries.length > left) {
        outcome.refuse('too_many_messages', `more than ${limits.maxMessages} events`);
        return;
      }
      left -= entries.length;
      for (const entry of entries) {
        const pair = isPair(entry) ? entry : undefined;
        const time = pair === undefined ? {} : epochTime(pair, 'time', outcome.refusals);
        const data = pair === undefined ? entry : pair['value'];
        const message = readEvent(name, data, time, limits, outcome.refusals);
        outcome.add(message && { kind: 'event', ...of(child), message });
      }
    }
  }

  /** A list of `{identity?,properties?,events?}`: of the device itself, or of devices behind it. */
  private pack(params: unknown, hist: boolean, outcome: Outcome): void {
    const parts: readonly unknown[] = Array.isArray(params) ? params : [params];
    if (parts.length > this.limits.maxChildren) {
      outcome.refuse('too_many_children', `${parts.length} devices, at most ${this.limits.maxChildren}`);
      return;
    }
    for (const part of parts) {
      if (outcome.uplinks.length >= this.limits.maxMessages) {
        outcome.refuse('too_many_messages', `more than ${this.limits.maxMessages} messages`);
        return;
      }
      if (!isObject(part)) {
        outcome.refuse('not_an_object', 'each of params must be an object');
        continue;
      }
      const child = this.identified(part, outcome);
      if (child === null) continue;
      const own = new Outcome();
      const properties = member(part, 'properties');
      const events = member(part, 'events') ?? member(part, 'event');
      if (properties === undefined && events === undefined) {
        own.refuse('values_missing', 'neither properties nor events');
      }
      if (properties !== undefined) this.properties(properties, child, hist, own);
      if (events !== undefined) this.events(events, child, hist, own);
      for (const uplink of own.uplinks) outcome.add(uplink);
      outcome.refuseAt(child === undefined ? '' : `${quoted(child)}:`, own.refusals);
    }
  }

  /** The child that a part is about; `undefined` for the device itself, `null` for nobody who could be named. */
  private identified(part: JsonObject, outcome: Outcome): string | undefined | null {
    const identity = member(part, 'identity');
    if (identity === undefined) return undefined;
    const name = isObject(identity) ? member(identity, 'deviceName') : undefined;
    if (!isObject(identity) || !isWireName(name)) {
      outcome.refuse('child_invalid', `identity must have a deviceName: ${NAME_RULE}`);
      return null;
    }
    if (name === this.deviceName) return undefined;
    this.products.learn(name, member(identity, 'productID'));
    return name;
  }

  private reply(body: JsonObject): Outcome {
    const sent = this.pending.take(member(body, 'id'));
    return addReply(new Outcome(), sent, codedResult(body, 'msg'), this.limits);
  }

  private readReply(body: JsonObject): DialectResult {
    const outcome = this.reply(body);
    const [reply] = outcome.uplinks;
    if (reply?.kind === 'command-reply' && reply.ok) {
      this.properties(member(body, 'data'), reply.child, false, outcome);
    }
    return outcome.result();
  }
}

function requestOf(
  message: CommandMessage,
): { readonly path: string; readonly service?: string; readonly params: unknown } | CommandRefusal {
  const { command, params } = message;
  switch (command) {
    case 'write_attributes':
      return { path: 'property/set', params };
    case 'read_now':
    case 'read_properties': {
      const properties = params['properties'];
      return Array.isArray(properties) && properties.length > 0 && properties.every(isWireName)
        ? { path: 'property/get', params: properties }
        : { refused: 'properties must be a list of names' };
    }
    default:
      return isTopicLevel(command)
        ? { path: '', service: command, params }
        : { refused: 'the command cannot be part of a topic' };
  }
}

function postReply(id: string | number, topic: string, refusals: readonly Refusal[]): Answer {
  const reply = (code: number, msg: string): Uint8Array => jsonBytes({ id, code, msg });
  const reason = refusals[0]?.message;
  return {
    topic,
    payload: reason === undefined ? reply(200, 'success') : reply(WRONG_PARAMETERS, reason),
    payloadIfRefused: (told) => reply(WRONG_PARAMETERS, reason ?? told),
  };
}

/** Which product a device behind the gateway belongs to, as far as the gateway has said. */
class ChildProducts {
  private static readonly MOST = 1_000;
  private readonly byChild = new Map<string, string>();

  learn(child: string, productId: unknown): void {
    if (!isWireName(productId)) return;
    if (this.byChild.size < ChildProducts.MOST || this.byChild.has(child)) this.byChild.set(child, productId);
  }

  of(child: string): string | undefined {
    return this.byChild.get(child);
  }
}

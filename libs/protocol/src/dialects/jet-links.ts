import {
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { epochTime } from '../envelope.js';
import { member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { isTopicLevel } from './names.js';
import { jsonBytes, parseObject } from './json-message.js';
import { ignored, of, Outcome, refused } from './outcome.js';
import { PendingCommands } from './pending-commands.js';
import { addReply } from './replies.js';
import { MAX_TOPIC_LENGTH, TopicSet } from './topic-set.js';
import { readAttributes, readEvent, readValues } from './values.js';

/** What commands are addressed to before the device has named its product. */
const UNKNOWN_PRODUCT = 'watchfire';

/** What the server says, behind `/{productId}/{deviceId}/`. */
const HEARD = [
  'properties/read',
  'properties/write',
  'function/invoke',
  'firmware/upgrade',
  'firmware/pull/reply',
  'firmware/read',
  'disconnect',
  'disconnect/reply',
  'state-check',
  'state-check/reply',
];

const heard = new TopicSet([
  ...HEARD,
  ...HEARD.map((suffix) => `child/*/${suffix}`),
  ...HEARD.filter((suffix) => suffix.endsWith('/reply')).map((suffix) => `child-reply/*/${suffix}`),
]);

const IGNORED = new Set([
  'register',
  'unregister',
  'log',
  'metadata/derived',
  'firmware/upgrade/reply',
  'firmware/upgrade/progress',
  'firmware/pull',
  'firmware/read/reply',
  'firmware/report',
  'disconnect',
  'disconnect/reply',
  'state-check',
  'state-check/reply',
]);

/** JetLinks official protocol: `/{productId}/{deviceId}/…`, JSON. A product cannot be called `sys`, which is Alibaba's. */
export const jetLinks: Dialect = {
  name: 'jetlinks',
  isTopic: (topic) => {
    if (topic.length > MAX_TOPIC_LENGTH || !topic.startsWith('/') || topic.startsWith('/sys/')) return false;
    const [, product, device, word] = topic.split('/', 4);
    return product !== '' && device !== '' && word !== undefined && WORDS.has(word);
  },
  open: (deviceId, limits) => new JetLinksSession(deviceId, limits),
};

const WORDS = new Set(['event', 'child', 'child-reply', 'tags', 'online', 'offline', 'direct']);
for (const suffix of [...HEARD, ...IGNORED]) WORDS.add(suffix.split('/', 1)[0] ?? '');

class JetLinksSession implements DialectSession {
  private readonly pending = new PendingCommands();
  private productId = UNKNOWN_PRODUCT;

  constructor(
    private readonly deviceId: string,
    private readonly limits: DecodeLimits,
  ) {}

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    const own = this.ownPart(topic);
    if (own === undefined) return undefined;
    const result = this.receiveOwn(own.levels, payload);
    if (result !== undefined) this.productId = own.productId;
    return result;
  }

  mayHear(filter: string): boolean {
    const own = this.ownPart(filter);
    if (own === undefined || !heard.hasFilter(own.levels.join('/'))) return false;
    this.productId = own.productId;
    return true;
  }

  isForDevice(topic: string): boolean {
    const own = this.ownPart(topic);
    return own !== undefined && heard.hasTopic(own.levels.join('/'));
  }

  command(message: CommandMessage, child?: string): Downlink | CommandRefusal {
    if (child !== undefined && !isTopicLevel(child))
      return { refused: 'the child id cannot be part of a topic' };
    const body = commandBody(message);
    if ('refused' in body) return body;
    this.pending.add(message.commandId, child);
    const own = `/${this.productId}/${this.deviceId}`;
    return {
      topic: `${own}/${child === undefined ? '' : `child/${child}/`}${body.suffix}`,
      payload: jsonBytes({ messageId: message.commandId, ...body.members }),
    };
  }

  awaitReply(commandId: string, child?: string): void {
    this.pending.add(commandId, child);
  }

  private ownPart(
    topic: string,
  ): { readonly productId: string; readonly levels: readonly string[] } | undefined {
    if (topic.length > MAX_TOPIC_LENGTH) return undefined;
    const [empty, productId, device, ...levels] = topic.split('/');
    if (empty !== '' || device !== this.deviceId || !isTopicLevel(productId) || productId === 'sys') {
      return undefined;
    }
    return { productId, levels };
  }

  private receiveOwn(levels: readonly string[], payload: Uint8Array): DialectResult | undefined {
    const [first, child, ...rest] = levels;
    if (first !== 'child' && first !== 'child-reply') return this.read(levels.join('/'), undefined, payload);
    if (!isTopicLevel(child)) return undefined;
    const suffix = rest.join('/');
    if (first === 'child-reply' && !suffix.endsWith('/reply')) return undefined;
    return this.read(suffix, child, payload);
  }

  private read(suffix: string, child: string | undefined, payload: Uint8Array): DialectResult | undefined {
    if (suffix === 'online' || suffix === 'offline') {
      // Of the device itself, its connection says it better.
      if (child === undefined) return ignored(suffix);
      return new Outcome().add({
        kind: 'presence',
        child,
        connected: suffix === 'online',
        reason: 'told_by_gateway',
      });
    }
    if (IGNORED.has(suffix)) return ignored(suffix);
    if (suffix === 'direct') return refused('format_unsupported', 'raw bytes are not read here');
    const reader = this.reader(suffix);
    if (reader === undefined) return undefined;
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    reader(parsed.value, child, outcome);
    const nothing = outcome.uplinks.length === 0 && outcome.refusals.length === 0;
    return nothing ? ignored('nothing but null') : outcome.result();
  }

  private reader(
    suffix: string,
  ): ((body: JsonObject, child: string | undefined, outcome: Outcome) => void) | undefined {
    switch (suffix) {
      case 'properties/report':
        return (body, child, outcome) => this.properties(body, child, outcome);
      case 'properties/read/reply':
        return (body, child, outcome) => {
          this.reply(body, 'properties', child, outcome);
          // What was read now is as good as what is reported.
          if (member(body, 'success') !== false) this.properties(body, child, outcome);
        };
      case 'properties/write/reply':
        return (body, child, outcome) => this.reply(body, 'properties', child, outcome);
      case 'function/invoke/reply':
        return (body, child, outcome) => this.reply(body, 'output', child, outcome);
      case 'tags':
        return (body, child, outcome) => this.tags(body, child, outcome);
      default: {
        const [word, event, ...more] = suffix.split('/');
        if (word !== 'event' || !isTopicLevel(event) || more.length > 0) return undefined;
        return (body, child, outcome) => this.event(event, body, child, outcome);
      }
    }
  }

  private properties(body: JsonObject, child: string | undefined, outcome: Outcome): void {
    const time = epochTime(body, 'timestamp', outcome.refusals);
    const values = readValues(member(body, 'properties'), this.limits, outcome.refusals);
    const message = values.message(time);
    outcome.add(message && { kind: 'telemetry', ...of(child), message });
  }

  private event(name: string, body: JsonObject, child: string | undefined, outcome: Outcome): void {
    const time = epochTime(body, 'timestamp', outcome.refusals);
    const message = readEvent(name, member(body, 'data'), time, this.limits, outcome.refusals);
    outcome.add(message && { kind: 'event', ...of(child), message });
  }

  private tags(body: JsonObject, child: string | undefined, outcome: Outcome): void {
    const attributes = readAttributes(member(body, 'tags'), this.limits, outcome.refusals);
    outcome.add(attributes && { kind: 'attributes', ...of(child), attributes });
  }

  private reply(body: JsonObject, result: string, child: string | undefined, outcome: Outcome): void {
    const sent = this.pending.takeCommandFrom(child, member(body, 'messageId'));
    const ok = member(body, 'success') !== false;
    const data = ok ? member(body, result) : failureOf(body);
    addReply(outcome, sent, { ok, data }, this.limits);
  }
}

/** Why the device did not do it, as far as it says. */
function failureOf(body: JsonObject): JsonObject {
  const code = member(body, 'code');
  const message = member(body, 'message');
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}

function commandBody({
  command,
  params,
}: CommandMessage): { readonly suffix: string; readonly members: JsonObject } | CommandRefusal {
  switch (command) {
    case 'read_now':
    case 'read_properties': {
      const properties = params['properties'] ?? [];
      if (!Array.isArray(properties) || !properties.every((key) => typeof key === 'string')) {
        return { refused: 'properties must be a list of names' };
      }
      return { suffix: 'properties/read', members: { properties } };
    }
    case 'write_attributes':
      return { suffix: 'properties/write', members: { properties: params } };
    default: {
      const inputs = Object.entries(params).map(([name, value]) => ({ name, value }));
      return { suffix: 'function/invoke', members: { functionId: command, inputs } };
    }
  }
}

import {
  type Answer,
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { epochTime, type DeviceTime } from '../envelope.js';
import { isObject, member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { type Refusal } from '../refusal.js';
import { isTopicLevel, isWireId } from './names.js';
import { jsonBytes, parseObject } from './json-message.js';
import { Outcome, refused } from './outcome.js';
import { PendingCommands } from './pending-commands.js';
import { addReply, codedResult } from './replies.js';
import { isAhead, isPair, readTimedValues } from './timed-values.js';
import { MAX_TOPIC_LENGTH, TopicSet } from './topic-set.js';
import { readEvent } from './values.js';

const UNKNOWN_PRODUCT = 'watchfire';
const DAY_MS = 86_400_000;

/** Alink: the parameters of the request are wrong. */
const WRONG_PARAMETERS = 460;

/** Behind `/sys/{productKey}/{deviceName}/thing/`. */
const heard = new TopicSet(['event/*/post_reply', 'service/property/set', 'service/*', 'model/up_raw_reply']);

/** Alibaba Cloud IoT, Alink JSON: `/sys/{productKey}/{deviceName}/thing/…`; the device name is the device's id. */
export const alibaba: Dialect = {
  name: 'alibaba',
  isTopic: (topic) => topic.length <= MAX_TOPIC_LENGTH && /^\/sys\/[^/]+\/[^/]+\/thing\/./.test(topic),
  open: (deviceId, limits) => new AlibabaSession(deviceId, limits),
};

/** What the device says of a service, on a topic that looks like a service. */
const isServiceReply = (path: string): boolean => /^service\/(?:property\/set|[^/]+)_reply$/.test(path);

class AlibabaSession implements DialectSession {
  private readonly pending = new PendingCommands();
  private productKey = UNKNOWN_PRODUCT;

  constructor(
    private readonly deviceName: string,
    private readonly limits: DecodeLimits,
  ) {}

  receive(topic: string, payload: Uint8Array, receivedAt: number): DialectResult | undefined {
    const own = this.ownPart(topic);
    if (own === undefined) return undefined;
    const result = this.read(own.levels, topic, payload, receivedAt);
    if (result !== undefined) this.productKey = own.productKey;
    return result;
  }

  mayHear(filter: string): boolean {
    const own = this.ownPart(filter);
    if (own === undefined) return false;
    const path = own.levels.join('/');
    if (!heard.hasFilter(path) || isServiceReply(path)) return false;
    this.productKey = own.productKey;
    return true;
  }

  isForDevice(topic: string): boolean {
    const own = this.ownPart(topic);
    return own !== undefined && heard.hasTopic(own.levels.join('/')) && !isServiceReply(own.levels.join('/'));
  }

  command({ commandId, command, params }: CommandMessage, child?: string): Downlink | CommandRefusal {
    if (child !== undefined) return { refused: 'commands for devices behind a gateway are not known here' };
    const service = command === 'write_attributes' ? 'property/set' : command;
    if (service === command && (!isTopicLevel(command) || command.endsWith('_reply'))) {
      return { refused: 'the command cannot be part of a topic' };
    }
    return {
      topic: `/sys/${this.productKey}/${this.deviceName}/thing/service/${service}`,
      payload: jsonBytes({
        id: String(this.pending.add(commandId)),
        version: '1.0',
        params,
        method: `thing.service.${service.replace('/', '.')}`,
      }),
    };
  }

  awaitReply(commandId: string, child?: string): void {
    this.pending.add(commandId, child);
  }

  private ownPart(
    topic: string,
  ): { readonly productKey: string; readonly levels: readonly string[] } | undefined {
    if (topic.length > MAX_TOPIC_LENGTH) return undefined;
    const [empty, sys, productKey, deviceName, thing, ...levels] = topic.split('/');
    if (empty !== '' || sys !== 'sys' || deviceName !== this.deviceName || thing !== 'thing')
      return undefined;
    return isTopicLevel(productKey) ? { productKey, levels } : undefined;
  }

  private read(
    levels: readonly string[],
    topic: string,
    payload: Uint8Array,
    receivedAt: number,
  ): DialectResult | undefined {
    const [kind, name, action] = levels;
    const path = levels.join('/');
    if (path === 'model/up_raw') return refused('format_unsupported', 'raw bytes are not read here');
    if (kind === 'event' && action === 'post' && levels.length === 3 && isTopicLevel(name)) {
      return this.post(name, topic, payload, receivedAt + DAY_MS);
    }
    return isServiceReply(path) ? this.reply(payload) : undefined;
  }

  private post(name: string, topic: string, payload: Uint8Array, latest: number): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    const params = member(parsed.value, 'params');
    if (name === 'property') {
      const rules = { hist: false, series: false, latest };
      for (const message of readTimedValues(params, rules, this.limits, outcome.refusals)) {
        outcome.add({ kind: 'telemetry', message });
      }
    } else {
      const message = this.event(name, params, latest, outcome.refusals);
      outcome.add(message && { kind: 'event', message });
    }
    const answer = postReply(parsed.value, name, topic, outcome.refusals);
    if (answer !== undefined) outcome.answer(answer);
    return outcome.result();
  }

  /** An impossible time does not silence an event: it is kept, as one of an unknown time. */
  private event(
    name: string,
    params: unknown,
    latest: number,
    refusals: Refusal[],
  ): ReturnType<typeof readEvent> {
    const timed = isPair(params) ? params : undefined;
    const sent: DeviceTime = timed === undefined ? {} : epochTime(timed, 'time', refusals);
    const ahead = isAhead(sent, latest);
    if (ahead) refusals.push({ code: 'ts_ahead', message: 'the time of the event is more than 24 h ahead' });
    const data = timed === undefined ? params : timed['value'];
    return readEvent(name, data, ahead ? { tsUnusable: true } : sent, this.limits, refusals);
  }

  private reply(payload: Uint8Array): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const sent = this.pending.take(member(parsed.value, 'id'));
    return addReply(new Outcome(), sent, codedResult(parsed.value, 'message'), this.limits).result();
  }
}

/** `undefined` when the device wants none, or gave nothing by which it could know it. */
function postReply(
  body: JsonObject,
  name: string,
  topic: string,
  refusals: readonly Refusal[],
): Answer | undefined {
  const id = member(body, 'id');
  const sys = member(body, 'sys');
  if (!isWireId(id) || (isObject(sys) && member(sys, 'ack') === 0)) return undefined;
  const reply = (code: number, message: string): Uint8Array =>
    jsonBytes({ code, data: {}, id, message, method: `thing.event.${name}.post`, version: '1.0' });
  const reason = refusals[0]?.message;
  return {
    topic: `${topic}_reply`,
    payload: reason === undefined ? reply(200, 'success') : reply(WRONG_PARAMETERS, reason),
    payloadIfRefused: (told) => reply(WRONG_PARAMETERS, reason ?? told),
  };
}

import {
  type CommandMessage,
  type CommandRefusal,
  type DeviceAttributes,
  type DialectResult,
  type Downlink,
} from '../dialect.js';
import { member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted, type Refusal } from '../refusal.js';
import { isWireId, isWireName, NAME_RULE } from './names.js';
import { jsonBytes, parseObject } from './json-message.js';
import { ignored, Outcome, refused } from './outcome.js';
import { type PendingCommands } from './pending-commands.js';
import { addReply } from './replies.js';
import { pick, readClaim, readTelemetry, replySucceeded, sharedUpdate } from './things-board-json.js';
import { readAttributes } from './values.js';

/** `v1/gateway/…`: one connection speaks for many devices, by their names. */
export class ThingsBoardGateway {
  static readonly heard = ['v1/gateway/attributes', 'v1/gateway/attributes/response', 'v1/gateway/rpc'];

  constructor(
    private readonly limits: DecodeLimits,
    private readonly pending: PendingCommands,
  ) {}

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    const read = this.reader(topic);
    if (read === undefined) return undefined;
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    read(parsed.value, outcome);
    const nothing = outcome.uplinks.length === 0 && outcome.refusals.length === 0;
    return nothing ? ignored('nothing but null') : outcome.result();
  }

  command(message: CommandMessage, child: string): Downlink | CommandRefusal {
    if (message.command === 'write_attributes') {
      const update = sharedUpdate(message.params);
      if ('refused' in update) return update;
      const payload = jsonBytes({ device: child, data: update.document });
      return { topic: 'v1/gateway/attributes', payload, unanswered: true };
    }
    const id = this.pending.add(message.commandId, child);
    const data = { id, method: message.command, params: message.params };
    return { topic: 'v1/gateway/rpc', payload: jsonBytes({ device: child, data }) };
  }

  private reader(topic: string): ((body: JsonObject, outcome: Outcome) => void) | undefined {
    switch (topic) {
      case 'v1/gateway/connect':
        return (body, outcome) => presence(body, outcome, true);
      case 'v1/gateway/disconnect':
        return (body, outcome) => presence(body, outcome, false);
      case 'v1/gateway/telemetry':
        return (body, outcome) => this.telemetry(body, outcome);
      case 'v1/gateway/attributes':
        return (body, outcome) => this.attributes(body, outcome);
      case 'v1/gateway/attributes/request':
        return (body, outcome) => this.attributesRequest(body, outcome);
      case 'v1/gateway/rpc':
        return (body, outcome) => this.reply(body, outcome);
      case 'v1/gateway/claim':
        return (body, outcome) => this.claim(body, outcome);
      default:
        return undefined;
    }
  }

  private telemetry(body: JsonObject, outcome: Outcome): void {
    let left = this.limits.maxMessages;
    for (const [child, sent] of this.children(body, outcome)) {
      const refusals: Refusal[] = [];
      const messages = readTelemetry(sent, this.limits, left, refusals);
      left -= Array.isArray(sent) ? Math.min(sent.length, left) : 1;
      for (const message of messages) outcome.add({ kind: 'telemetry', child, message });
      outcome.refuseAt(`${quoted(child)}:`, refusals);
    }
  }

  private attributes(body: JsonObject, outcome: Outcome): void {
    for (const [child, sent] of this.children(body, outcome)) {
      const refusals: Refusal[] = [];
      const attributes = readAttributes(sent, this.limits, refusals);
      if (attributes !== undefined) outcome.add({ kind: 'attributes', child, attributes });
      outcome.refuseAt(`${quoted(child)}:`, refusals);
    }
  }

  private claim(body: JsonObject, outcome: Outcome): void {
    for (const [child, sent] of this.children(body, outcome)) {
      const refusals: Refusal[] = [];
      const claim = readClaim(sent, refusals);
      outcome.add(claim && { kind: 'claim', child, ...claim });
      outcome.refuseAt(`${quoted(child)}:`, refusals);
    }
  }

  private attributesRequest(body: JsonObject, outcome: Outcome): void {
    const child = childOf(body, outcome);
    if (child === undefined) return;
    const id = member(body, 'id');
    const client = member(body, 'client') !== false;
    const asked = askedKeys(body, this.limits);
    if (!isWireId(id) || asked === undefined) {
      outcome.refuse('request_invalid', 'a request needs id, device, and key or keys');
      return;
    }
    outcome.add({
      kind: 'attributes-request',
      child,
      answer: (attributes) => gatewayAnswer({ id, device: child }, client, asked, attributes),
    });
  }

  private reply(body: JsonObject, outcome: Outcome): void {
    const child = childOf(body, outcome);
    if (child === undefined) return;
    const data = member(body, 'data');
    const sent = this.pending.takeFrom(child, member(body, 'id'));
    addReply(outcome, sent, { ok: replySucceeded(data), data }, this.limits);
  }

  /** Members of the body by the names of the devices that they are about; unusable names are told. */
  private *children(body: JsonObject, outcome: Outcome): Generator<readonly [string, unknown]> {
    const names = Object.keys(body);
    if (names.length === 0) outcome.refuse('no_messages', 'no device is named');
    if (names.length > this.limits.maxChildren) {
      outcome.refuse('too_many_children', `${names.length} devices, at most ${this.limits.maxChildren}`);
      return;
    }
    for (const name of names) {
      if (isWireName(name)) yield [name, body[name]];
      else outcome.refuse('child_invalid', `${quoted(name)} is no device name: ${NAME_RULE}`);
    }
  }
}

function presence(body: JsonObject, outcome: Outcome, connected: boolean): void {
  const child = childOf(body, outcome);
  if (child !== undefined) outcome.add({ kind: 'presence', child, connected, reason: 'told_by_gateway' });
}

function childOf(body: JsonObject, outcome: Outcome): string | undefined {
  const child = member(body, 'device');
  if (isWireName(child)) return child;
  outcome.refuse('child_invalid', `device must be a name: ${NAME_RULE}`);
  return undefined;
}

interface AskedKeys {
  readonly keys: readonly string[];
  /** Asked with `key`: answered with `value`, not with `values`. */
  readonly single: boolean;
}

function askedKeys(body: JsonObject, limits: DecodeLimits): AskedKeys | undefined {
  const key = member(body, 'key');
  if (isWireName(key)) return { keys: [key], single: true };
  const sent = member(body, 'keys');
  if (!Array.isArray(sent) || sent.length === 0 || sent.length > limits.maxValues) return undefined;
  const keys = sent.filter(isWireName);
  return keys.length === sent.length ? { keys, single: false } : undefined;
}

function gatewayAnswer(
  address: { readonly id: string | number; readonly device: string },
  client: boolean,
  { keys, single }: AskedKeys,
  attributes: DeviceAttributes,
): Downlink {
  const values = pick(client ? attributes.client : attributes.shared, keys);
  const found = single ? { value: values[keys[0] ?? ''] } : { values };
  return { topic: 'v1/gateway/attributes/response', payload: jsonBytes({ ...address, ...found }) };
}

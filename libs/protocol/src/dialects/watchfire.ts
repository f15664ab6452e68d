import { decodeDeviceEvent } from '../device-event.js';
import {
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { member } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { decodeTelemetry } from '../telemetry.js';
import { jsonBytes, parseObject } from './json-message.js';
import { Outcome, refused } from './outcome.js';
import { addReply } from './replies.js';
import { TopicSet } from './topic-set.js';

const ROOT = 'watchfire/v1/devices';
const COMMAND_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The own dialect: `watchfire/v1/devices/{deviceId}/…`. */
export const watchfire: Dialect = {
  name: 'watchfire',
  isTopic: (topic) => topic.startsWith(`${ROOT}/`),
  open: (deviceId, limits) => new WatchfireSession(`${ROOT}/${deviceId}`, limits),
};

/** Command ids are on the wire as they are, so nothing has to be remembered: who waits for a reply knows its id. */
class WatchfireSession implements DialectSession {
  private readonly telemetryTopic: string;
  private readonly eventsTopic: string;
  private readonly heard: TopicSet;
  private readonly sent: TopicSet;

  constructor(
    private readonly root: string,
    private readonly limits: DecodeLimits,
  ) {
    this.telemetryTopic = `${root}/telemetry`;
    this.eventsTopic = `${root}/events`;
    this.sent = new TopicSet([`${root}/errors`, `${root}/commands/*`]);
    this.heard = new TopicSet([`${root}/errors`, `${root}/commands/*`, `${root}/commands/#`]);
  }

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    if (topic === this.telemetryTopic) return this.telemetry(payload);
    if (topic === this.eventsTopic) return this.event(payload);
    const commandId = this.repliedCommand(topic);
    return commandId === undefined ? undefined : this.reply(commandId, payload);
  }

  mayHear(filter: string): boolean {
    return this.heard.hasFilter(filter);
  }

  isForDevice(topic: string): boolean {
    return this.sent.hasTopic(topic);
  }

  command(message: CommandMessage, child?: string): Downlink | CommandRefusal {
    if (child !== undefined) return { refused: 'the own dialect speaks for one device only' };
    if (!COMMAND_ID.test(message.commandId)) return { refused: 'the command id cannot be part of a topic' };
    const { command, params, expires } = message;
    return {
      topic: `${this.root}/commands/${message.commandId}`,
      payload: jsonBytes({ command, params, expires }),
    };
  }

  private telemetry(payload: Uint8Array): DialectResult {
    const decoded = decodeTelemetry(payload, this.limits);
    if (!decoded.ok) return refused(decoded.code, decoded.message);
    const outcome = new Outcome();
    for (const message of decoded.messages) outcome.add({ kind: 'telemetry', message });
    outcome.refusals.push(...decoded.refusals);
    return outcome.result();
  }

  private event(payload: Uint8Array): DialectResult {
    const decoded = decodeDeviceEvent(payload, this.limits);
    if (!decoded.ok) return refused(decoded.code, decoded.message);
    const outcome = new Outcome().add({ kind: 'event', message: decoded.event });
    outcome.refusals.push(...decoded.refusals);
    return outcome.result();
  }

  private repliedCommand(topic: string): string | undefined {
    const prefix = `${this.root}/commands/`;
    if (!topic.startsWith(prefix) || !topic.endsWith('/reply')) return undefined;
    const commandId = topic.slice(prefix.length, -'/reply'.length);
    return COMMAND_ID.test(commandId) ? commandId : undefined;
  }

  private reply(commandId: string, payload: Uint8Array): DialectResult {
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const ok = member(parsed.value, 'ok');
    if (typeof ok !== 'boolean') return refused('reply_invalid', 'ok must be true or false');
    const sent = { commandId, child: undefined };
    return addReply(new Outcome(), sent, { ok, data: member(parsed.value, 'data') }, this.limits).result();
  }
}

import {
  type CommandMessage,
  type CommandRefusal,
  type Dialect,
  type DialectResult,
  type DialectSession,
  type Downlink,
} from '../dialect.js';
import { type DeviceTime } from '../envelope.js';
import { isObject, member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { quoted, type Refusal } from '../refusal.js';
import { isWireName, NAME_RULE } from './names.js';
import { jsonBytes, parseObject } from './json-message.js';
import { ignored, of, Outcome, refused } from './outcome.js';
import { PendingCommands } from './pending-commands.js';
import { addReply } from './replies.js';
import { TopicSet } from './topic-set.js';
import { utcTime } from './utc-time.js';
import { readEvent, readValues } from './values.js';

const ROOT = '$oc/devices';
const MAX_PAYLOAD_BYTES = 65_536;
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

const SENT = ['sys/commands/request_id=*'];
const HEARD = [...SENT, 'sys/commands/#', 'sys/#', '#'];

/** Huawei IoTDA: `$oc/devices/{deviceId}/sys/…`. */
export const huawei: Dialect = {
  name: 'huawei',
  isTopic: (topic) => topic.startsWith(`${ROOT}/`),
  open: (deviceId, limits) => new HuaweiSession(deviceId, limits),
};

class HuaweiSession implements DialectSession {
  private readonly pending = new PendingCommands();
  private readonly root: string;
  private readonly sent: TopicSet;
  private readonly heard: TopicSet;

  constructor(
    private readonly deviceId: string,
    private readonly limits: DecodeLimits,
  ) {
    this.root = `${ROOT}/${deviceId}/`;
    this.sent = new TopicSet(SENT.map((form) => this.root + form));
    this.heard = new TopicSet(HEARD.map((form) => this.root + form));
  }

  receive(topic: string, payload: Uint8Array): DialectResult | undefined {
    const read = topic.startsWith(this.root) ? this.reader(topic.slice(this.root.length)) : undefined;
    if (read === undefined) return undefined;
    if (payload.length > MAX_PAYLOAD_BYTES) {
      return refused('payload_too_large', `${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES}`);
    }
    const parsed = parseObject(payload, this.limits);
    if (!parsed.ok) return refused(parsed.code, parsed.message);
    const outcome = new Outcome();
    read(parsed.value, outcome);
    if (outcome.uplinks.length === 0 && outcome.refusals.length === 0) return ignored('nothing of ours');
    return outcome.result();
  }

  mayHear(filter: string): boolean {
    return this.heard.hasFilter(filter);
  }

  isForDevice(topic: string): boolean {
    return this.sent.hasTopic(topic);
  }

  command({ commandId, command, params }: CommandMessage, child?: string): Downlink | CommandRefusal {
    if (!REQUEST_ID.test(commandId)) return { refused: 'the command id cannot be part of a topic' };
    this.pending.add(commandId, child);
    const { service_id: serviceId, ...paras } = params;
    return {
      topic: `${this.root}sys/commands/request_id=${commandId}`,
      payload: jsonBytes({
        object_device_id: child ?? this.deviceId,
        command_name: command,
        ...(serviceId === undefined ? {} : { service_id: serviceId }),
        paras,
      }),
    };
  }

  awaitReply(commandId: string, child?: string): void {
    this.pending.add(commandId, child);
  }

  private reader(path: string): ((body: JsonObject, outcome: Outcome) => void) | undefined {
    switch (path) {
      case 'sys/properties/report':
        return (body, outcome) => this.services(body, undefined, this.limits.maxMessages, outcome);
      case 'sys/gateway/sub_devices/properties/report':
        return (body, outcome) => this.subDevices(body, outcome);
      case 'sys/events/up':
        return (body, outcome) => this.events(body, outcome);
      default: {
        const prefix = 'sys/commands/response/request_id=';
        const commandId = path.startsWith(prefix) ? path.slice(prefix.length) : '';
        if (!REQUEST_ID.test(commandId)) return undefined;
        return (body, outcome) => this.reply(commandId, body, outcome);
      }
    }
  }

  private subDevices(body: JsonObject, outcome: Outcome): void {
    const devices = member(body, 'devices');
    if (!Array.isArray(devices) || devices.length === 0) {
      outcome.refuse('values_missing', 'devices must be a list');
      return;
    }
    if (devices.length > this.limits.maxChildren) {
      outcome.refuse('too_many_children', `${devices.length} devices, at most ${this.limits.maxChildren}`);
      return;
    }
    let left = this.limits.maxMessages;
    for (const device of devices as readonly unknown[]) {
      const child = isObject(device) ? member(device, 'device_id') : undefined;
      if (isObject(device) && isWireName(child)) left = this.services(device, child, left, outcome);
      else outcome.refuse('child_invalid', `device_id must be a name: ${NAME_RULE}`);
    }
  }

  /** Each service is a message of its own. Returns how many more there may be. */
  private services(body: JsonObject, child: string | undefined, left: number, outcome: Outcome): number {
    const services = this.listed(body, left, outcome);
    for (const { service, entry, place } of services) {
      const refusals: Refusal[] = [];
      const time = eventTime(entry, refusals);
      const message = readValues(member(entry, 'properties'), this.limits, refusals).message(time);
      outcome.add(message && { kind: 'telemetry', ...of(child), service, message });
      outcome.refuseAt(child === undefined ? place : `${quoted(child)}: ${place}`, refusals);
    }
    return left - services.length;
  }

  private events(body: JsonObject, outcome: Outcome): void {
    const about = member(body, 'object_device_id');
    if (about !== undefined && about !== null && !isWireName(about)) {
      outcome.refuse('child_invalid', `object_device_id must be a name: ${NAME_RULE}`);
      return;
    }
    const child = typeof about === 'string' && about !== this.deviceId ? about : undefined;
    for (const { service, entry, place } of this.listed(body, this.limits.maxMessages, outcome)) {
      // Services of the platform itself: clock, firmware, logs.
      if (service.startsWith('$')) continue;
      const refusals: Refusal[] = [];
      const name = member(entry, 'event_type');
      const time = eventTime(entry, refusals);
      const named = typeof name === 'string' ? name : '';
      const message = readEvent(named, member(entry, 'paras'), time, this.limits, refusals);
      outcome.add(message && { kind: 'event', ...of(child), service, message });
      outcome.refuseAt(place, refusals);
    }
  }

  private listed(body: JsonObject, most: number, outcome: Outcome): readonly Listed[] {
    const services = member(body, 'services');
    if (!Array.isArray(services) || services.length === 0) {
      outcome.refuse('values_missing', 'services must be a list');
      return [];
    }
    if (services.length > most) {
      outcome.refuse('too_many_messages', `${services.length} services, at most ${most}`);
      return [];
    }
    const listed: Listed[] = [];
    for (const entry of services as readonly unknown[]) {
      const service = isObject(entry) ? member(entry, 'service_id') : undefined;
      if (isObject(entry) && isWireName(service)) {
        listed.push({ service, entry, place: `${quoted(service)}:` });
      } else outcome.refuse('values_missing', `service_id must be a name: ${NAME_RULE}`);
    }
    return listed;
  }

  private reply(commandId: string, body: JsonObject, outcome: Outcome): void {
    const code = member(body, 'result_code');
    // The code is optional, and then it went well.
    const ok = code === undefined || code === 0;
    const data = ok ? member(body, 'paras') : { code, paras: member(body, 'paras') ?? null };
    addReply(outcome, this.pending.takeCommand(commandId), { ok, data }, this.limits);
  }
}

interface Listed {
  readonly service: string;
  readonly entry: JsonObject;
  readonly place: string;
}

function eventTime(entry: JsonObject, refusals: Refusal[]): DeviceTime {
  const sent = member(entry, 'event_time');
  if (sent === undefined || sent === null) return {};
  const ts = utcTime(sent);
  if (ts !== undefined) return { ts };
  refusals.push({ code: 'ts_invalid', message: "event_time must be yyyyMMdd'T'HHmmss'Z'" });
  return { tsUnusable: true };
}

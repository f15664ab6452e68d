import { type DeviceTime } from '../envelope.js';
import { parseObject } from '../dialects/json-message.js';
import { isWireName, NAME_RULE } from '../dialects/names.js';
import { Outcome } from '../dialects/outcome.js';
import { utcTime } from '../dialects/utc-time.js';
import { readValues } from '../dialects/values.js';
import { isObject, member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { failure, quoted, type Failure, type Refusal } from '../refusal.js';
import { type CallbackFormat, type CallbackHashes, type DecodedCallback } from './callback.js';
import { contentId, distrustOfToken } from './trust.js';

/**
 * Data forwarding of Huawei Cloud IoTDA over HTTP: `device.property` `report`, and `device.status` `update` as presence.
 * `{"resource":"device.property","event":"report","event_time":"20151212T121212Z","event_time_ms":…,"request_id":…,"notify_data":{"header":
 * {"device_id":…},"body":{"services":[{"service_id":…,"properties":{…},"event_time":…}]}}}`.
 *
 * The platform can sign with a token, by a rule that could not be confirmed: the secret is the `token` in the callback
 * address. `request_id` may come from the device, which may use it again: the event id holds the time of the event too.
 *
 * Sources: https://support.huaweicloud.com/intl/en-us/api-iothub/iot_06_v5_01202.html (property) and
 * https://support.huaweicloud.com/api-iothub/iot_06_v5_01201.html (status, whose example has `body` beside `notify_data`). Other
 * resources are refused: forward only these two.
 */
export const huaweiCallback: CallbackFormat = { name: 'huawei', distrust: distrustOfToken, decode };

const utf8 = new TextDecoder();

function decode(body: Uint8Array, limits: DecodeLimits, hashes: CallbackHashes): DecodedCallback | Failure {
  const parsed = parseObject(body, limits);
  if (!parsed.ok) return parsed;
  const report = parsed.value;
  const notified = objectIn(report, 'notify_data');
  const deviceName = member(objectIn(notified, 'header'), 'device_id');
  if (!isWireName(deviceName)) return failure('request_invalid', `device_id must be a name: ${NAME_RULE}`);
  const content = isObject(member(notified, 'body')) ? objectIn(notified, 'body') : objectIn(report, 'body');
  const outcome = new Outcome();
  const resource = member(report, 'resource');
  const event = member(report, 'event');
  if (resource === 'device.property' && event === 'report') {
    properties(content, reportTime(report), limits, outcome);
  } else if (resource === 'device.status' && event === 'update') {
    const connected = member(content, 'status') === 'ONLINE';
    const reason = connected ? 'platform_online' : 'platform_offline';
    outcome.add({ kind: 'presence', child: deviceName, connected, reason });
  } else {
    const named = typeof resource === 'string' ? quoted(resource) : 'none';
    outcome.refuse(
      'format_unsupported',
      `resource is ${named}: only device.property and device.status are read`,
    );
  }
  const { uplinks, refusals } = outcome.result();
  const eventId = eventIdOf(report, deviceName) ?? contentId(utf8.decode(body), hashes);
  return { ok: true, items: [{ eventId, deviceName, uplinks, refusals }], refusals: [] };
}

const NOTHING: JsonObject = {};

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = member(object, name);
  return isObject(value) ? value : NOTHING;
}

function eventIdOf(report: JsonObject, deviceName: string): string | undefined {
  const requestId = member(report, 'request_id');
  const at = member(report, 'event_time_ms');
  // Whole seconds do not tell two reports of one device with one request id apart.
  return isWireName(requestId) && isWireName(at) ? `${requestId}/${deviceName}/${at}` : undefined;
}

function reportTime(report: JsonObject): DeviceTime {
  const ts = utcTime(member(report, 'event_time_ms')) ?? utcTime(member(report, 'event_time'));
  return ts === undefined ? {} : { ts };
}

function properties(content: JsonObject, fallback: DeviceTime, limits: DecodeLimits, outcome: Outcome): void {
  const services = member(content, 'services');
  if (!Array.isArray(services) || services.length === 0) {
    outcome.refuse('values_missing', 'services must be a list');
    return;
  }
  if (services.length > limits.maxMessages) {
    outcome.refuse('too_many_messages', `${services.length} services, at most ${limits.maxMessages}`);
    return;
  }
  for (const entry of services as readonly unknown[]) {
    const service = isObject(entry) ? member(entry, 'service_id') : undefined;
    if (!isObject(entry) || !isWireName(service)) {
      outcome.refuse('values_missing', `service_id must be a name: ${NAME_RULE}`);
      continue;
    }
    const refusals: Refusal[] = [];
    const time = serviceTime(entry, fallback, refusals);
    const message = readValues(member(entry, 'properties'), limits, refusals).message(time);
    outcome.add(message && { kind: 'telemetry', service, message });
    outcome.refuseAt(`${quoted(service)}:`, refusals);
  }
}

/** Without a time of its own a service is of the time at which the platform had it. */
function serviceTime(entry: JsonObject, fallback: DeviceTime, refusals: Refusal[]): DeviceTime {
  const sent = member(entry, 'event_time');
  if (sent === undefined || sent === null) return fallback;
  const ts = utcTime(sent);
  if (ts !== undefined) return { ts };
  refusals.push({ code: 'ts_invalid', message: "event_time must be yyyyMMdd'T'HHmmss'Z'" });
  return { tsUnusable: true };
}

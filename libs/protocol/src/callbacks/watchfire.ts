import { decodeDeviceEvent } from '../device-event.js';
import { jsonBytes } from '../dialects/json-message.js';
import { isWireName, NAME_RULE } from '../dialects/names.js';
import { Outcome } from '../dialects/outcome.js';
import { isObject, member, parseJson, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { failure, type Failure, type Refusal } from '../refusal.js';
import { decodeTelemetry } from '../telemetry.js';
import {
  type CallbackDistrust,
  type CallbackFormat,
  type CallbackItem,
  type CallbackRequest,
  type CallbackTrust,
  type DecodedCallback,
} from './callback.js';
import { bytesOf, concatenate, equalInConstantTime, hex } from './trust.js';

/** A request that is older, or as much ahead, is somebody's copy of it. */
const MAX_SKEW_MS = 300_000;

/**
 * Our own, for platforms that can be programmed: an object or an array of `{"eventId":…,"deviceId":…}` with `telemetry` (as on the
 * MQTT topic of the own dialect, an object or an array) or `event`.
 *
 * Headers: `X-Watchfire-Timestamp`, ms since 1970, within 5 minutes; `X-Watchfire-Signature`, the lower-case hexadecimal
 * HMAC-SHA256 with the shared secret over the timestamp as sent, a full stop, and the body.
 */
export const watchfireCallback: CallbackFormat = { name: 'watchfire', distrust, decode };

function distrust(
  { headers, body, receivedAt }: CallbackRequest,
  { secret, hashes }: CallbackTrust,
): CallbackDistrust | undefined {
  const timestamp = headers['x-watchfire-timestamp'];
  const signature = headers['x-watchfire-signature'];
  if (timestamp === undefined || signature === undefined || secret === '')
    return { reason: 'signature_missing' };
  const signed = hashes.hmacSha256(bytesOf(secret), concatenate(bytesOf(`${timestamp}.`), body));
  if (!equalInConstantTime(hex(signed), signature)) return { reason: 'signature_wrong' };
  if (!/^\d{1,15}$/.test(timestamp)) return { reason: 'timestamp_stale' };
  return Math.abs(Number(timestamp) - receivedAt) <= MAX_SKEW_MS ? undefined : { reason: 'timestamp_stale' };
}

function decode(body: Uint8Array, limits: DecodeLimits): DecodedCallback | Failure {
  // The list and the envelope around what the own dialect bounds.
  const parsed = parseJson(body, limits.maxDepth + 2);
  if (!parsed.ok) return parsed;
  const reports: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  if (reports.length === 0) return failure('no_messages', 'the array is empty');
  if (reports.length > limits.maxMessages) {
    return failure('too_many_messages', `${reports.length} reports, at most ${limits.maxMessages}`);
  }
  const items: CallbackItem[] = [];
  const refusals: Refusal[] = [];
  reports.forEach((report, index) => {
    const item = isObject(report) ? decodeReport(report, limits) : undefined;
    if (item !== undefined) items.push(item);
    else {
      const message = `[${index}] must be an object with eventId and deviceId: ${NAME_RULE}`;
      refusals.push({ code: 'request_invalid', message });
    }
  });
  return { ok: true, items, refusals };
}

function decodeReport(report: JsonObject, limits: DecodeLimits): CallbackItem | undefined {
  const eventId = member(report, 'eventId');
  const deviceName = member(report, 'deviceId');
  if (!isWireName(eventId) || !isWireName(deviceName)) return undefined;
  const outcome = new Outcome();
  const telemetry = member(report, 'telemetry');
  const event = member(report, 'event');
  if (telemetry === undefined && event === undefined) {
    outcome.refuse('values_missing', 'neither telemetry nor event');
  }
  // Written and read again, so that there is one decoder of the own dialect: a callback is no hot path.
  if (telemetry !== undefined) {
    const decoded = decodeTelemetry(jsonBytes(telemetry), limits);
    if (decoded.ok) {
      for (const message of decoded.messages) outcome.add({ kind: 'telemetry', message });
      outcome.refuseAt('telemetry:', decoded.refusals);
    } else outcome.refuse(decoded.code, `telemetry: ${decoded.message}`);
  }
  if (event !== undefined) {
    const decoded = decodeDeviceEvent(jsonBytes(event), limits);
    if (decoded.ok) {
      outcome.add({ kind: 'event', message: decoded.event });
      outcome.refuseAt('event:', decoded.refusals);
    } else outcome.refuse(decoded.code, `event: ${decoded.message}`);
  }
  const { uplinks, refusals } = outcome.result();
  return { eventId, deviceName, uplinks, refusals };
}

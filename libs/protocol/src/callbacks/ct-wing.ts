import { epochTime } from '../envelope.js';
import { parseObject } from '../dialects/json-message.js';
import { isWireName, NAME_RULE } from '../dialects/names.js';
import { Outcome } from '../dialects/outcome.js';
import { readValues } from '../dialects/values.js';
import { isObject, member, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { failure, quoted, type Failure } from '../refusal.js';
import { type CallbackFormat, type CallbackHashes, type DecodedCallback } from './callback.js';
import { contentId, distrustOfToken } from './trust.js';

/**
 * Subscription push of China Telecom CTWing (AEP), `messageType` `dataReport`:
 * `{"upPacketSN":-1,"upDataSN":-1,"topic":"v1/up/ad19","timestamp":…,"tenantId":…,"serviceId":…,"protocol":"lwm2m","productId":…,
 * "payload":{…},"messageType":"dataReport","deviceType":"","deviceId":…,"assocAssetId":"","IMSI":…,"IMEI":…}`.
 *
 * `payload` holds the properties of the thing model by name, or `{"serviceId":…,"serviceData":{…}}`. `{"APPdata":"…"}` is a transparent
 * product, whose Base64 bytes only its maker can read: refused; define a thing model with a codec on the platform.
 *
 * No signature of these requests is published: the secret is the `token` in the callback address. A request that is not
 * answered with 200 is sent up to three times more. `upPacketSN` is -1 in practice, so that the event id is the hash of the body.
 *
 * Sources: https://www.ctwing.cn/dyts/103 as retold at https://geekdaxue.co/read/softdev@iot/iq3b9f, and recorded requests of
 * lwm2m and tcp products in public receivers. Shapes of other message types could not be confirmed: they are refused.
 */
export const ctWingCallback: CallbackFormat = { name: 'ctwing', distrust: distrustOfToken, decode };

const utf8 = new TextDecoder();

function decode(body: Uint8Array, limits: DecodeLimits, hashes: CallbackHashes): DecodedCallback | Failure {
  const parsed = parseObject(body, limits);
  if (!parsed.ok) return parsed;
  const report = parsed.value;
  const deviceName = member(report, 'deviceId');
  if (!isWireName(deviceName)) return failure('request_invalid', `deviceId must be a name: ${NAME_RULE}`);
  const outcome = new Outcome();
  const type = member(report, 'messageType');
  if (type === 'dataReport') dataReport(report, limits, outcome);
  else {
    const named = typeof type === 'string' ? quoted(type) : 'none';
    outcome.refuse('format_unsupported', `messageType is ${named}: only dataReport is read`);
  }
  const { uplinks, refusals } = outcome.result();
  const eventId = contentId(utf8.decode(body), hashes);
  return { ok: true, items: [{ eventId, deviceName, uplinks, refusals }], refusals: [] };
}

function dataReport(report: JsonObject, limits: DecodeLimits, outcome: Outcome): void {
  const payload = member(report, 'payload');
  if (isObject(payload) && member(payload, 'APPdata') !== undefined) {
    outcome.refuse('format_unsupported', 'payload is the raw APPdata of a transparent product');
    return;
  }
  const nested = isObject(payload) ? member(payload, 'serviceData') : undefined;
  const serviceId =
    isObject(payload) && nested !== undefined ? member(payload, 'serviceId') : member(report, 'serviceId');
  const service = typeof serviceId === 'number' ? String(serviceId) : serviceId;
  const time = epochTime(report, 'timestamp', outcome.refusals);
  const message = readValues(nested ?? payload, limits, outcome.refusals).message(time);
  outcome.add(message && { kind: 'telemetry', ...(isWireName(service) ? { service } : {}), message });
}

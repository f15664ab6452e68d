import { epochTime, type DeviceTime } from '../envelope.js';
import { parseObject } from '../dialects/json-message.js';
import { isWireName, NAME_RULE } from '../dialects/names.js';
import { Outcome } from '../dialects/outcome.js';
import { isPair, readTimedValues } from '../dialects/timed-values.js';
import { readableKeys, readEvent, readValues } from '../dialects/values.js';
import { isObject, member, parseJson, type JsonObject } from '../json.js';
import { type DecodeLimits } from '../limits.js';
import { failure, type Failure, type Refusal } from '../refusal.js';
import {
  type CallbackDistrust,
  type CallbackFormat,
  type CallbackHashes,
  type CallbackItem,
  type CallbackRequest,
  type CallbackTrust,
  type DecodedCallback,
} from './callback.js';
import { rawMember } from './raw-member.js';
import { base64, bytesOf, contentId, equalInConstantTime } from './trust.js';

const text = new TextDecoder();

/**
 * HTTP push of China Mobile OneNET, plain mode (encrypted bodies are refused). Both generations:
 *
 * - multi-protocol and NB-IoT: `{"msg":{"type":1,"dev_id":…,"ds_id":…,"at":…,"value":…},"msg_signature":…,"nonce":…}`, `msg` an object or
 *   a list; type 1 data point, 2 on- and offline, 7 result of a cached command;
 * - Studio: `{"msg":"…","signature":…,"nonce":…,"time":…,"id":…}`, `msg` a text of JSON with `messageType` and `notifyType`.
 *
 * Signature: Base64 of MD5 over the token of the console, the nonce, and `msg`. A `msg` that is an object counts with its text
 * as sent. The address is tried out by GET with `msg`, `nonce`, `signature`, and has to answer `msg`.
 *
 * Sources: https://open.iot.10086.cn/doc/nb-iot/book/manual/httppush/develop-manual.html,
 * https://open.iot.10086.cn/doc/iot_platform/book/application-develop/push/http_push.html, the message formats of the rule engine of
 * OneNET Studio, and the receiver that the platform publishes (`Util.checkSignature`, `Util.checkToken`).
 */
export const oneNetCallback: CallbackFormat = { name: 'onenet', handshake, distrust, decode };

function handshake(
  { query }: CallbackRequest,
  trust: CallbackTrust,
): { readonly echo: string } | CallbackDistrust {
  const msg = query['msg'];
  const signed = distrustOf(msg, query['nonce'], query['signature']?.replaceAll(' ', '+'), trust);
  return signed ?? { echo: msg ?? '' };
}

function distrust({ body }: CallbackRequest, trust: CallbackTrust): CallbackDistrust | undefined {
  // Deep enough for any report: its own depth is bounded when it is decoded.
  const parsed = parseJson(body, 32);
  if (!parsed.ok || !isObject(parsed.value)) return { reason: 'signature_missing' };
  const sent = member(parsed.value, 'msg');
  const msg = typeof sent === 'string' ? sent : rawMember(text.decode(body), 'msg');
  const signature = member(parsed.value, 'msg_signature') ?? member(parsed.value, 'signature');
  return distrustOf(msg, member(parsed.value, 'nonce'), signature, trust);
}

function distrustOf(
  msg: string | undefined,
  nonce: unknown,
  signature: unknown,
  { secret, hashes }: CallbackTrust,
): CallbackDistrust | undefined {
  if (msg === undefined || typeof nonce !== 'string' || typeof signature !== 'string' || secret === '') {
    return { reason: 'signature_missing' };
  }
  const expected = base64(hashes.md5(bytesOf(secret + nonce + msg)));
  return equalInConstantTime(expected, signature) ? undefined : { reason: 'signature_wrong' };
}

function decode(body: Uint8Array, limits: DecodeLimits, hashes: CallbackHashes): DecodedCallback | Failure {
  const parsed = parseObject(body, { ...limits, maxDepth: limits.maxDepth + 2 });
  if (!parsed.ok) return parsed;
  const msg = member(parsed.value, 'msg');
  if (typeof msg !== 'string') return decodeReports(msg, limits, hashes);
  const inner = parseJson(bytesOf(msg), limits.maxDepth + 1);
  if (!inner.ok) {
    return failure('format_unsupported', 'msg is no JSON: an encrypted message? Only the plain mode is read');
  }
  return decodeReports(inner.value, limits, hashes);
}

function decodeReports(
  msg: unknown,
  limits: DecodeLimits,
  hashes: CallbackHashes,
): DecodedCallback | Failure {
  const reports: readonly unknown[] = Array.isArray(msg) ? msg : [msg];
  if (reports.length === 0) return failure('no_messages', 'msg is an empty list');
  if (reports.length > limits.maxMessages) {
    return failure('too_many_messages', `${reports.length} reports, at most ${limits.maxMessages}`);
  }
  const items: CallbackItem[] = [];
  const refusals: Refusal[] = [];
  for (const report of reports) {
    const item = isObject(report) ? decodeReport(report, limits, hashes) : undefined;
    if (item !== undefined) items.push(item);
    else refusals.push({ code: 'request_invalid', message: `a report names no device: ${NAME_RULE}` });
  }
  return { ok: true, items, refusals };
}

function decodeReport(
  report: JsonObject,
  limits: DecodeLimits,
  hashes: CallbackHashes,
): CallbackItem | undefined {
  const studio = member(report, 'messageType') !== undefined;
  const sent = member(report, studio ? 'deviceName' : 'dev_id');
  const deviceName = typeof sent === 'number' && Number.isSafeInteger(sent) ? String(sent) : sent;
  if (!isWireName(deviceName)) return undefined;
  const outcome = new Outcome();
  if (studio) studioReport(report, deviceName, limits, outcome);
  else classicReport(report, deviceName, limits, outcome);
  const product = member(report, 'productId');
  const { uplinks, refusals } = outcome.result();
  return {
    eventId: contentId(JSON.stringify(report), hashes),
    deviceName,
    ...(isWireName(product) ? { product } : {}),
    uplinks,
    refusals,
  };
}

function classicReport(report: JsonObject, deviceName: string, limits: DecodeLimits, outcome: Outcome): void {
  const type = member(report, 'type');
  if (type === 1) {
    const key = member(report, 'ds_id');
    if (typeof key !== 'string') {
      outcome.refuse('key_invalid', 'ds_id must be a string');
      return;
    }
    const time = classicTime(report, outcome.refusals);
    const message = readValues({ [key]: member(report, 'value') }, limits, outcome.refusals).message(time);
    outcome.add(message && { kind: 'telemetry', message });
  } else if (type === 2) {
    presence(member(report, 'status'), [1, 0], deviceName, outcome);
  } else if (type === 7) {
    outcome.add({ kind: 'ignored', what: 'result of a command cached by OneNET' });
  } else {
    outcome.refuse('format_unsupported', 'type must be 1, 2 or 7');
  }
}

/** `at` comes as a number or, from the same platform, as a text. */
function classicTime(report: JsonObject, refusals: Refusal[]): DeviceTime {
  const at = member(report, 'at');
  return typeof at === 'string' && /^\d{1,15}$/.test(at)
    ? { ts: Number(at) }
    : epochTime(report, 'at', refusals);
}

function studioReport(report: JsonObject, deviceName: string, limits: DecodeLimits, outcome: Outcome): void {
  const type = member(report, 'messageType');
  const notified = member(report, 'notifyType');
  const data = member(report, 'data');
  if (!isObject(data)) {
    outcome.refuse('data_invalid', 'data must be an object');
  } else if (type === 'lifeCycle') {
    presence(member(data, 'status'), ['online', 'offline'], deviceName, outcome);
  } else if (type === 'notify' && notified === 'property') {
    const params = member(data, 'params');
    for (const message of readTimedValues(params, { hist: false, series: false }, limits, outcome.refusals)) {
      outcome.add({ kind: 'telemetry', message });
    }
  } else if (type === 'notify' && notified === 'event') {
    studioEvents(member(data, 'params'), limits, outcome);
  } else if (type === 'reply' || type === 'sceneLog' || type === 'lbsAndWifi') {
    outcome.add({ kind: 'ignored', what: `OneNET ${type}` });
  } else {
    outcome.refuse('format_unsupported', 'neither a property, an event nor a life cycle message');
  }
}

function studioEvents(params: unknown, limits: DecodeLimits, outcome: Outcome): void {
  for (const name of readableKeys(params, limits, outcome.refusals)) {
    const sent = isObject(params) ? params[name] : undefined;
    const pair = isPair(sent) ? sent : undefined;
    const time = pair === undefined ? {} : epochTime(pair, 'time', outcome.refusals);
    const message = readEvent(
      name,
      pair === undefined ? sent : pair['value'],
      time,
      limits,
      outcome.refusals,
    );
    outcome.add(message && { kind: 'event', message });
  }
}

function presence(
  status: unknown,
  [online, offline]: readonly [unknown, unknown],
  child: string,
  outcome: Outcome,
): void {
  if (status === online) {
    outcome.add({ kind: 'presence', child, connected: true, reason: 'platform_online' });
  } else if (status === offline) {
    outcome.add({ kind: 'presence', child, connected: false, reason: 'platform_offline' });
  } else {
    outcome.refuse('format_unsupported', 'the status says neither online nor offline');
  }
}

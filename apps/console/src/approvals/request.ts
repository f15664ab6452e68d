import { type ApprovalView, type RuleValue, type RuleVersionView } from '@watchfire/contracts';

/** What a request is about. */
export type RequestSubject =
  | { readonly kind: 'alarm'; readonly alarmId: string }
  | { readonly kind: 'rule'; readonly deviceId: string; readonly ruleKey: string }
  /** What a site says of a rule for a kind of device. */
  | {
      readonly kind: 'site-rule';
      readonly siteId: string;
      readonly profile: string;
      readonly ruleKey: string;
    }
  | { readonly kind: 'other'; readonly text: string };

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export function subjectOf({ body, subject }: ApprovalView): RequestSubject {
  const { target } = body;
  // A change of a rule names its layer apart from the change.
  const about = typeof target === 'object' && target !== null ? (target as typeof body) : body;
  const [alarmId, deviceId, siteId] = [about['alarmId'], about['deviceId'], about['siteId']].map(textOf);
  const [ruleKey, profile] = [about['ruleKey'], about['profile']].map(textOf);
  if (alarmId) return { kind: 'alarm', alarmId };
  if (deviceId && ruleKey) return { kind: 'rule', deviceId, ruleKey };
  if (siteId && profile && ruleKey) return { kind: 'site-rule', siteId, profile, ruleKey };
  return { kind: 'other', text: subject };
}

/** What is asked for, as far as this page knows the kind. */
export interface RequestedAct {
  readonly act: 'shelve' | 'out-of-service' | 'disable' | 'change' | 'revert' | 'other';
  readonly seconds: number | null;
  readonly oneShot: boolean;
  readonly compensatingMeasure: string | null;
  /** Of a changed rule, and of what this page does not know: who decides must see all of it. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
  /** Of a changed rule: what becomes weaker by it, by the names of the engine. */
  readonly weaker: readonly string[];
}

export function requestedAct({ kind, body }: ApprovalView): RequestedAct {
  const command = kind === 'alarm-command' ? textOf(body['kind']) : null;
  const shared = {
    seconds: numberOf(body['seconds']),
    oneShot: body['mode'] === 'oneShot',
    compensatingMeasure: textOf(body['compensatingMeasure']),
    weaker: Array.isArray(body['weaker']) ? body['weaker'].map(String) : [],
  };
  if (command === 'shelve' || command === 'out-of-service' || command === 'disable')
    return { act: command, ...shared, details: [] };
  const changes = kind === 'rule-change' ? body['changes'] : undefined;
  if (Array.isArray(changes))
    return { act: 'revert' in body ? 'revert' : 'change', ...shared, details: changes.map(changeOf) };
  const values = valuesOf(body);
  return values === null
    ? { act: 'other', ...shared, details: flat(body) }
    : { act: 'change', ...shared, details: flat(values) };
}

/** What becomes of one value of the rule as it holds. */
function changeOf(change: unknown): RequestedAct['details'][number] {
  const { path, from, to } = change as RuleVersionView['changes'][number];
  return { name: path, value: `${valueText(from)} → ${valueText(to)}` };
}

/** The values of a changed rule, wherever the kind of request keeps them. */
function valuesOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  for (const held of [body, ...Object.values(body)]) {
    if (typeof held !== 'object' || held === null) continue;
    const { values } = held as { values?: unknown };
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return values as Readonly<Record<string, unknown>>;
  }
  return null;
}

/** A value of a rule as a person reads it. */
export function valueText(value: RuleValue | null): string {
  if (value === null) return '—';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function flat(value: Readonly<Record<string, unknown>>, path = ''): { name: string; value: string }[] {
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? flat(each as Readonly<Record<string, unknown>>, `${path}${name}.`)
      : [{ name: `${path}${name}`, value: valueText(each as RuleValue | null) }],
  );
}

/** Requests that the person who reads may decide. */
export const decidable = (requests: readonly ApprovalView[]): number =>
  requests.filter((request) => request.decidable).length;

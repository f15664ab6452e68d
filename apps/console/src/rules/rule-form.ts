import { type RuleLayerName, type RuleValue, type RuleValueView } from '@watchfire/contracts';

/** What one layer says of a rule, in the texts of the form; a path that is not in it falls back to the layer beneath. */
export type Draft = Readonly<Record<string, string>>;

/** How a value is written into the form. */
export type InputKind = 'number' | 'switch' | 'priority' | 'text' | 'json';

const PRIORITY_PATH = /(^|\.)priority$/;
const NUMBER_PATH = /(Seconds|seconds|Ms)$/;

/** By what the value is now; of one that nobody has said yet by its name. */
export function inputKind({ path, value, beneath }: RuleValueView): InputKind {
  if (PRIORITY_PATH.test(path)) return 'priority';
  const known = value ?? beneath.find((each) => each.value !== null)?.value ?? null;
  if (known === null) return NUMBER_PATH.test(path) ? 'number' : 'text';
  if (typeof known === 'number') return 'number';
  if (typeof known === 'boolean') return 'switch';
  return typeof known === 'string' ? 'text' : 'json';
}

/** The value of a layer as text, as the form takes it. */
export function inputText(value: RuleValue | null): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What the layer says of this value; undefined where it says nothing. A nearer layer may hide it. */
export function saidBy(view: RuleValueView, layer: RuleLayerName): RuleValue | null | undefined {
  if (view.layer === layer) return view.value;
  return view.beneath.find((each) => each.layer === layer)?.value;
}

/** Somebody says something other than the catalogue, and it holds. */
export const isOverridden = (values: readonly RuleValueView[]): boolean =>
  values.some(({ layer }) => layer !== 'catalogue');

const NEARNESS = ['catalogue', 'site', 'device', 'point'] as const;

/** What it would be if the layer said nothing: of the layers that are farther, the nearest. */
export function without(view: RuleValueView, layer: RuleLayerName): RuleValue | null {
  const own = NEARNESS.indexOf(layer);
  const chain = [{ layer: view.layer, value: view.value }, ...view.beneath];
  const farther = chain.filter((each) => NEARNESS.indexOf(each.layer) < own);
  return farther.sort((a, b) => NEARNESS.indexOf(b.layer) - NEARNESS.indexOf(a.layer))[0]?.value ?? null;
}

/** A nearer layer says it too, and wins. */
export const isHidden = (view: RuleValueView, layer: RuleLayerName): boolean =>
  NEARNESS.indexOf(view.layer) > NEARNESS.indexOf(layer);

export function draftOf(values: readonly RuleValueView[], layer: RuleLayerName): Draft {
  const said = values.map((view) => [view.path, saidBy(view, layer)] as const);
  return Object.fromEntries(
    said.flatMap(([path, value]) =>
      value === undefined || value === null ? [] : [[path, inputText(value)]],
    ),
  );
}

export type ParsedDraft =
  | { readonly ok: true; readonly values: Readonly<Record<string, RuleValue>> }
  | { readonly ok: false; readonly wrong: readonly string[] };

/** The values of the layer, or the paths whose text is none of their kind. An empty text says nothing. */
export function parseDraft(draft: Draft, views: readonly RuleValueView[]): ParsedDraft {
  const values: Record<string, RuleValue> = {};
  const wrong: string[] = [];
  for (const view of views) {
    const text = (draft[view.path] ?? '').trim();
    if (text === '') continue;
    const value = parseText(text, inputKind(view));
    if (value === undefined) wrong.push(view.path);
    else values[view.path] = value;
  }
  return wrong.length > 0 ? { ok: false, wrong } : { ok: true, values };
}

function parseText(text: string, kind: InputKind): RuleValue | undefined {
  switch (kind) {
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'switch':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'priority':
    case 'text':
      return text;
    case 'json':
      return parseJson(text);
  }
}

function parseJson(text: string): RuleValue | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as RuleValue) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two drafts would say the same. */
export function isSameDraft(a: Draft, b: Draft): boolean {
  const said = (draft: Draft): string =>
    JSON.stringify(
      Object.entries(draft)
        .map(([path, text]) => [path, text.trim()] as const)
        .filter(([, text]) => text !== '')
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  return said(a) === said(b);
}

export type ValueGroup = 'judging' | 'handling' | 'rationalisation';

/** What decides whether there is an alarm; what a person does about it; why it is so. */
export function groupOf(path: string): ValueGroup {
  if (path.startsWith('rationalisation.')) return 'rationalisation';
  return path.startsWith('guidance.') ? 'handling' : 'judging';
}

/** Names in the locale under `rule.value`. */
export const VALUE_NAMES = [
  'limit',
  'priority',
  'deadband',
  'onDelaySeconds',
  'offDelaySeconds',
  'afterSeconds',
  'values',
  'enabled',
  'latching',
  'zh',
  'en',
  'consequence',
  'cause',
  'action',
  'timeToActSeconds',
  'approver',
  'reviewBy',
] as const;
export type ValueName = (typeof VALUE_NAMES)[number];

/** `limits.HH.limit`: the limit of `HH`. A name that the page does not know is shown as the catalogue has it. */
export function nameOf(path: string): { readonly name: ValueName | null; readonly of: string } {
  const parts = path.split('.');
  const last = parts.at(-1) ?? '';
  const name = VALUE_NAMES.find((each) => each === last) ?? null;
  const of = parts.length === 3 ? (parts[1] ?? '') : '';
  return { name, of };
}

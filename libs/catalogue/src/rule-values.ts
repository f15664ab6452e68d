import { type RuleValue } from '@watchfire/contracts';
import { type RuleFile } from './profile-schema.js';

type Keys = readonly (string | number)[];

/** One value of a rule that may be said otherwise than in the catalogue. */
export interface RuleLeaf {
  /** Dotted; within the condition without its name: `limits.H.limit`, `onDelaySeconds`, `latching`, `guidance.zh`. */
  readonly path: string;
  readonly value: RuleValue | null;
  /** Key of its source in the file; `null` for what needs none. */
  readonly from: string | null;
  readonly keys: Keys;
}

/** What a rule has beside its condition. */
const OF_THE_RULE: readonly Keys[] = [
  ['enabled'],
  ['latching'],
  ['guidance', 'zh'],
  ['guidance', 'en'],
  ['rationalisation', 'consequence'],
  ['rationalisation', 'cause'],
  ['rationalisation', 'action'],
  ['rationalisation', 'timeToActSeconds'],
  ['rationalisation', 'approver'],
  ['rationalisation', 'reviewBy'],
];

/** Every value of the rule, in the order of the file: all that the condition gives a source for, of whatever kind it is. */
export function leavesOf(rule: RuleFile): RuleLeaf[] {
  const leaves: RuleLeaf[] = [];
  walk(rule.condition, ['condition'], [], leaves);
  if (rule.enabledWhen) walk(rule.enabledWhen, ['enabledWhen'], ['enabledWhen'], leaves);
  for (const keys of OF_THE_RULE) {
    const value = (at(rule, keys) ?? null) as RuleValue | null;
    leaves.push({ path: keys.join('.'), value, from: null, keys });
  }
  return leaves;
}

/** The rule with that value in place of the leaf's; `from` names its source where the leaf has one. */
export function withLeaf(rule: RuleFile, leaf: RuleLeaf, value: RuleValue, from: string): unknown {
  return put(rule, leaf.keys, leaf.from === null ? value : { value, from });
}

/** What a path of the schema is called by the one who enters values: the leaf's own where it is in one. */
export function pathOf(leaves: readonly RuleLeaf[], keys: readonly PropertyKey[]): string {
  const leaf = leaves.find((one) => one.keys.every((key, index) => keys[index] === key));
  return (
    leaf?.path ??
    keys
      .filter((key, index) => index > 0 || key !== 'condition')
      .map(String)
      .join('.')
  );
}

function walk(node: unknown, keys: Keys, names: readonly string[], leaves: RuleLeaf[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (isSourced(node)) {
    leaves.push({ path: names.join('.'), value: node.value, from: node.from, keys });
    return;
  }
  if (Array.isArray(node)) {
    const named = namesOf(node);
    node.forEach((child, index) => walk(child, [...keys, index], [...names, named[index] ?? ''], leaves));
    return;
  }
  for (const [name, child] of Object.entries(node)) walk(child, [...keys, name], [...names, name], leaves);
}

function isSourced(node: object): node is { readonly value: RuleValue; readonly from: string } {
  return 'value' in node && 'from' in node && typeof node.from === 'string';
}

/** The elements of a list by what they are about, so that a name outlives a change of their order; else by position. */
function namesOf(list: readonly unknown[]): string[] {
  const names = list.map((element, index) => {
    if (typeof element !== 'object' || element === null) return String(index);
    const { level, point, key } = element as Readonly<Record<string, unknown>>;
    return [level, point, key].find((one) => typeof one === 'string') ?? String(index);
  });
  return new Set(names).size === names.length ? names : list.map((_, index) => String(index));
}

function at(node: unknown, keys: Keys): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<PropertyKey, unknown>>)[key]
        : undefined,
    node,
  );
}

function put(node: unknown, [key, ...rest]: Keys, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(node))
    return node.map((child: unknown, index) => (index === key ? put(child, rest, value) : child));
  const object = (typeof node === 'object' && node !== null ? node : {}) as Readonly<
    Record<PropertyKey, unknown>
  >;
  return { ...object, [key]: put(object[key], rest, value) };
}

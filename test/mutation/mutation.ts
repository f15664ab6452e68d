/** One rule of the alarm engine, broken on purpose. */
export interface Mutation {
  readonly name: string;
  /** The row of the state table or the rule of docs/spec that it breaks. */
  readonly rule: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must fail, by the path of their file. */
  readonly specs: readonly string[];
}

/** The text with the mutation in it, or undefined when what it breaks is not there exactly once. */
export function mutated(text: string, { find, replace }: Mutation): string | undefined {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  return before + replace + after;
}

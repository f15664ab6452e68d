import { type ruleOverride, type RuleValue } from '@watchfire/contracts';
import { type z } from 'zod';

type Given = Pick<
  z.output<typeof ruleOverride>,
  'values' | 'enabled' | 'limits' | 'deadband' | 'onDelayMs' | 'offDelayMs' | 'afterMs'
>;

export interface SpelledOut {
  readonly values: Readonly<Record<string, RuleValue>>;
  /** What the client called those of the short form, by path. */
  readonly given: ReadonlyMap<string, string>;
}

/** All values of an override by their paths, those of the short form too. */
export function spelledOut({ values: byPath = {}, ...short }: Given): SpelledOut {
  const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
  const all: readonly (readonly [given: string, path: string, value: RuleValue | undefined])[] = [
    ['enabled', 'enabled', short.enabled],
    ...Object.entries(short.limits ?? {}).map(
      ([level, limit]) => [`limits.${level}`, `limits.${level}.limit`, limit] as const,
    ),
    ['deadband', 'deadband', short.deadband],
    ['onDelayMs', 'onDelaySeconds', seconds(short.onDelayMs)],
    ['offDelayMs', 'offDelaySeconds', seconds(short.offDelayMs)],
    ['afterMs', 'afterSeconds', seconds(short.afterMs)],
  ];
  const values: Record<string, RuleValue> = { ...byPath };
  const given = new Map<string, string>();
  for (const [name, path, value] of all) {
    if (value === undefined) continue;
    values[path] = value;
    given.set(path, name);
  }
  return { values, given };
}

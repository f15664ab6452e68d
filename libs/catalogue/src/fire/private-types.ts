import { type ObjectKind, STATUS_BITS, type StatusOf } from '@watchfire/protocol';

export interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Of bit 0, as the profile has it. */
export const NORMAL = 'normal';

interface Meaning {
  readonly like?: ObjectKind | undefined;
  readonly sets: readonly string[];
  readonly clears: readonly string[];
  readonly says?: string | undefined;
}

type OwnBits = Readonly<Record<StatusOf, readonly { readonly key: string }[]>>;

const STATE_KINDS: Readonly<Partial<Record<ObjectKind, StatusOf>>> = {
  'system-state': 'system',
  'component-state': 'component',
  'device-state': 'device',
};

/** Whose states the objects of a layout tell, where they tell any. */
export function statesOf(like: ObjectKind | undefined): StatusOf | undefined {
  return like && STATE_KINDS[like];
}

/** What a private type cannot mean. */
export function meaningProblems(
  { like, sets, clears, says }: Meaning,
  bits: OwnBits,
  at: Problem['path'],
): Problem[] {
  const of = statesOf(like);
  const problem = (path: Problem['path'], message: string): Problem => ({ path: [...at, ...path], message });
  if (says !== undefined && like !== undefined) {
    return [problem(['says'], 'is for types whose layout is not known: like says what they are')];
  }
  if (of === undefined) {
    return (['sets', 'clears'] as const).flatMap((field) =>
      ({ sets, clears })[field].length === 0
        ? []
        : [problem([field], `needs like to be one of ${Object.keys(STATE_KINDS).join(', ')}`)],
    );
  }
  const known = new Set([...STATUS_BITS[of], ...bits[of]].map(({ key }) => key));
  return [
    ...sets.flatMap((key, index) =>
      known.has(key) || key === NORMAL ? [] : [problem(['sets', index], `${key} is no state of a ${of}`)],
    ),
    ...clears.flatMap((key, index) => {
      if (!known.has(key)) return [problem(['clears', index], `${key} is no state of a ${of}`)];
      return sets.includes(key) ? [problem(['clears', index], `${key} is set by the same type`)] : [];
    }),
  ];
}

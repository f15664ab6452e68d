/** What is wrong with a part of a rule, from that part on. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the checks of a rule read of its profile. */
export interface ReadableProfile {
  readonly points: readonly ReadablePoint[];
  readonly attributes: readonly ReadableAttribute[];
}

export interface ReadablePoint {
  readonly key: string;
  readonly type: 'number' | 'boolean' | 'string';
  readonly unit: string | null;
}

export interface ReadableAttribute {
  readonly key: string;
  readonly unit: string | null;
  readonly value: { readonly value: number | boolean | string };
}

export function under(
  head: readonly (string | number)[],
  problems: readonly RuleProblem[],
): readonly RuleProblem[] {
  return problems.map(({ path, message }) => ({ path: [...head, ...path], message }));
}

/** None where the point is there, and of that type. */
export function pointProblems(
  profile: ReadableProfile,
  key: string,
  type?: ReadablePoint['type'],
): readonly RuleProblem[] {
  const point = profile.points.find((one) => one.key === key);
  if (point === undefined) return [{ path: [], message: `${key} is no point of this profile` }];
  if (type === undefined || point.type === type) return [];
  return [{ path: [], message: `${key} is a ${point.type}, and this needs a ${type}` }];
}

/** Each value must be of the type of the point; of a point that is not there another check speaks. */
export function valueProblems(
  profile: ReadableProfile,
  key: string,
  values: readonly (number | boolean | string)[],
): readonly RuleProblem[] {
  const point = profile.points.find((one) => one.key === key);
  const other = values.find((value) => point !== undefined && typeof value !== point.type);
  if (point === undefined || other === undefined) return [];
  return [{ path: [], message: `${JSON.stringify(other)} is not of the type of ${key}, a ${point.type}` }];
}

import { type RuleOverride } from '@watchfire/registry';
import { changed } from './effective-rule.js';
import { type Profile } from './model.js';

export interface OverrideProblem {
  /** Path in the override, for example `limits.HH`. */
  readonly path: string;
  readonly message: string;
}

/** Why an override cannot be put on this rule; empty where it can. */
export function overrideProblems(profile: Profile, ruleKey: string, body: RuleOverride): OverrideProblem[] {
  const rule = profile.rules.find((one) => one.key === ruleKey);
  if (rule === undefined) return [{ path: 'ruleKey', message: `${profile.key} has no rule ${ruleKey}` }];
  const { condition } = rule;
  const problems: OverrideProblem[] = [];
  const notHere = (name: keyof RuleOverride): void => {
    if (body[name] !== undefined) {
      problems.push({ path: name, message: `a rule of kind ${condition.kind} has no ${name}` });
    }
  };

  const has = (name: string): boolean => name in condition;
  for (const name of ['limits', 'onDelayMs', 'offDelayMs', 'afterMs'] as const) if (!has(name)) notHere(name);
  if (!has('deadband') && !has('limits')) notHere('deadband');
  if (!('limits' in condition)) return problems;

  const point = profile.points.find((one) => 'pointId' in condition && one.key === condition.pointId);
  for (const [level, limit] of Object.entries(body.limits ?? {})) {
    if (!condition.limits.some((one) => one.level === level)) {
      problems.push({ path: `limits.${level}`, message: `the rule has no level ${level}` });
    } else if (
      condition.kind === 'limit' &&
      (limit < (point?.min ?? -Infinity) || limit > (point?.max ?? Infinity))
    ) {
      problems.push({ path: `limits.${level}`, message: `outside what the point can ever read` });
    }
  }
  const after = changed(condition, body);
  if ('limits' in after) {
    const rising = (['LL', 'L', 'H', 'HH'] as const).flatMap(
      (level) => after.limits.find((one) => one.level === level)?.limit ?? [],
    );
    if (rising.some((limit, index) => index > 0 && limit <= (rising[index - 1] ?? limit))) {
      problems.push({ path: 'limits', message: 'must rise from LL over L and H to HH' });
    }
  }
  return problems;
}

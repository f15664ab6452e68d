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

  if (condition.kind === 'stale' || condition.kind === 'offline') {
    for (const name of ['limits', 'deadband', 'onDelayMs', 'offDelayMs'] as const) notHere(name);
    return problems;
  }
  notHere('afterMs');
  if (condition.kind === 'clock' || condition.kind === 'flapping') {
    for (const name of ['limits', 'deadband', 'onDelayMs', 'offDelayMs'] as const) notHere(name);
    return problems;
  }
  if (condition.kind !== 'limit') {
    notHere('limits');
    notHere('deadband');
    return problems;
  }

  const point = profile.points.find((one) => one.key === condition.pointId);
  for (const [level, limit] of Object.entries(body.limits ?? {})) {
    if (!condition.limits.some((one) => one.level === level)) {
      problems.push({ path: `limits.${level}`, message: `the rule has no level ${level}` });
    } else if (limit < (point?.min ?? -Infinity) || limit > (point?.max ?? Infinity)) {
      problems.push({ path: `limits.${level}`, message: `outside what the point can ever read` });
    }
  }
  const after = changed(condition, body);
  if (after.kind === 'limit') {
    const rising = (['LL', 'L', 'H', 'HH'] as const).flatMap(
      (level) => after.limits.find((one) => one.level === level)?.limit ?? [],
    );
    if (rising.some((limit, index) => index > 0 && limit <= (rising[index - 1] ?? limit))) {
      problems.push({ path: 'limits', message: 'must rise from LL over L and H to HH' });
    }
  }
  return problems;
}

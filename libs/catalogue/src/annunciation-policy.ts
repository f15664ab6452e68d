import { type AnnunciationPolicy, DEFAULT_POLICY } from '@watchfire/alarm';
import { type AlarmClass, SIGNAL_CLASSES } from '@watchfire/contracts';

/**
 * What the signal class of a rule asks of the people, as the engine is told it: with the rule, for the engine knows no classes. Only
 * what is not as in `DEFAULT_POLICY`, for every rule of every device carries it; undefined where nothing is left.
 */
export function annunciationPolicy(signalClass: AlarmClass): Partial<AnnunciationPolicy> | undefined {
  const policy = SIGNAL_CLASSES[signalClass];
  const names = Object.keys(DEFAULT_POLICY) as (keyof AnnunciationPolicy)[];
  const own = names
    .filter((name) => policy[name] !== DEFAULT_POLICY[name])
    .map((name) => [name, policy[name]]);
  return own.length === 0 ? undefined : (Object.fromEntries(own) as Partial<AnnunciationPolicy>);
}

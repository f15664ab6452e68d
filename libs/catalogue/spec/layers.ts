import { type RuleLayerName, type RuleValue } from '@watchfire/contracts';
import { type EnteredValue, type RuleLayerRow } from '@watchfire/registry';

/** A layer as the registry has it, of device `dev-1` at `site-1`, entered by `supervisor`. */
export function layer(
  name: RuleLayerName,
  ruleKey: string,
  values: Readonly<Record<string, RuleValue>>,
  more: Partial<RuleLayerRow> = {},
): RuleLayerRow {
  const by = { by: 'supervisor', approvedBy: null, at: 5, reason: 'site test' };
  const entries = Object.entries(values).map(([path, value]): [string, EnteredValue] => [
    path,
    { value, source: null, confidence: 'default', ...by },
  ]);
  return {
    layer: name,
    subject: name === 'site' ? 'site-1' : 'dev-1',
    part: name === 'site' ? 'gas.lel.point' : name === 'point' ? 'conc' : '',
    ruleKey,
    version: 1,
    entries: Object.fromEntries(entries),
    ...by,
    ...more,
  };
}

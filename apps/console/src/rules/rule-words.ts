import { PRIORITIES, type Provenance, type RuleValue } from '@watchfire/contracts';
import { useWords } from '../locales/use-words.js';
import { nameOf } from './rule-form.js';

/** Words for the values of rules. */
export function useRuleWords() {
  const { t } = useWords();
  return {
    /** A person who says no source has decided it; the catalogue without one suggests it. */
    confidence: (confidence: Provenance['confidence'], entered: boolean): string =>
      entered && confidence === 'default' ? t('rule.ownConfidence') : t(`confidence.${confidence}`),
    /** `HH 限值`; as the catalogue has it where the page has no word. */
    name: (path: string): string => {
      const { name, of } = nameOf(path);
      return name === null ? path : `${of} ${t(`rule.value.${name}`)}`.trim();
    },
    value: (value: RuleValue | null, path = ''): string => {
      if (value === null) return '—';
      const priority =
        nameOf(path).name === 'priority' ? PRIORITIES.find((each) => each === value) : undefined;
      if (priority !== undefined) return t(`priority.${priority}`);
      if (typeof value === 'boolean') return t(value ? 'value.true' : 'value.false');
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    },
  };
}

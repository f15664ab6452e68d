import { type RuleValue } from '@watchfire/contracts';
import { useWords } from '../locales/use-words.js';
import { nameOf } from './rule-form.js';

/** Words for the values of rules. */
export function useRuleWords() {
  const { t } = useWords();
  return {
    /** `HH 限值`; as the catalogue has it where the page has no word. */
    name: (path: string): string => {
      const { name, of } = nameOf(path);
      return name === null ? path : `${of} ${t(`rule.value.${name}`)}`.trim();
    },
    value: (value: RuleValue | null): string => {
      if (value === null) return '—';
      if (typeof value === 'boolean') return t(value ? 'value.true' : 'value.false');
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    },
  };
}

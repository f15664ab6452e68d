import { priorityOf, type RuleView } from '@watchfire/contracts';
import { useWords } from '../locales/use-words.js';
import { ruleWords } from './rule-words.js';

/** A rule as sentences in the language of the page. */
export function useRuleTold(): (rule: Parameters<typeof ruleWords>[0]) => string[] {
  const words = useWords();
  const { t } = words;
  return (rule: Pick<RuleView, 'condition' | 'enabledWhen' | 'reads'>) =>
    ruleWords(rule, {
      text: (key, facts = {}) => t(`ruleWords.${key}`, facts),
      value: words.value,
      colour: (severity) => t(`priority.${priorityOf(severity)}`),
      chinese: words.chinese(),
    });
}

import { isTopicLevel } from './names.js';

/** Longer ones are nobody's: no level of ours comes near it. */
export const MAX_TOPIC_LENGTH = 1_024;

/**
 * Topics by their form. In a form, a level that ends in `*` stands for one level with that beginning; a last level `#` is a
 * filter only, never a topic.
 */
export class TopicSet {
  private readonly forms: readonly (readonly string[])[];

  constructor(forms: readonly string[]) {
    this.forms = forms.map((form) => form.split('/'));
  }

  hasTopic(topic: string): boolean {
    return this.some(topic, (form, level) =>
      form.endsWith('*') ? isVariable(form, level) : form === level && level !== '#',
    );
  }

  /** Whether a filter matches nothing but topics of the set. `+` is allowed where the form has a variable level, and only there. */
  hasFilter(filter: string): boolean {
    return this.some(filter, (form, level) =>
      form.endsWith('*') ? level === '+' || isVariable(form, level) : form === level,
    );
  }

  private some(topic: string, matches: (form: string, level: string) => boolean): boolean {
    if (topic.length > MAX_TOPIC_LENGTH) return false;
    const levels = topic.split('/');
    return this.forms.some(
      (form) => form.length === levels.length && form.every((part, at) => matches(part, levels[at] ?? '')),
    );
  }
}

function isVariable(form: string, level: string): boolean {
  const prefix = form.slice(0, -1);
  return level.startsWith(prefix) && isTopicLevel(level.slice(prefix.length));
}

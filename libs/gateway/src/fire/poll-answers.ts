/** The attribute of a device under which its answers to the poll are kept. */
export const ANSWERS = 'gb26875-poll';

const ALL = ['answers', 'stopped', 'never'] as const;
/** `stopped`: it answered once, and does not any more. `never`: many know no questions, and tell what changes all the same. */
export type Answers = (typeof ALL)[number];

export function answersOf(remembered: Readonly<Record<string, unknown>>): Answers | undefined {
  return ALL.find((known) => known === remembered[ANSWERS]);
}

export function answersAfter(before: Answers | undefined, isAnswering: boolean): Answers {
  if (isAnswering) return 'answers';
  return before === 'answers' || before === 'stopped' ? 'stopped' : 'never';
}

import { type BackTestResultView, type RuleFiguresView } from '@watchfire/contracts';

/** What is compared, in the order of the table; all but the times are counts. */
export const COMPARED = [
  'raised',
  'announced',
  'chattering',
  'chatteringRuns',
  'fleeting',
  'mostInTenMinutes',
  'standingMs',
  'longestMs',
  'activeAtEnd',
] as const satisfies readonly (keyof RuleFiguresView)[];
export type Compared = (typeof COMPARED)[number];

export interface ComparedRow {
  readonly name: Compared;
  readonly time: boolean;
  readonly present: number;
  readonly changed: number;
  /** Changed less present. */
  readonly change: number;
}

const TIMES: readonly Compared[] = ['standingMs', 'longestMs'];

export function comparison({ present, changed }: BackTestResultView): ComparedRow[] {
  return COMPARED.map((name) => ({
    name,
    time: TIMES.includes(name),
    present: present[name],
    changed: changed[name],
    change: changed[name] - present[name],
  }));
}

/** `+3`, `−2`, `±0`: a minus that is one, and never nothing where a number is expected. */
export function signed(change: number): string {
  if (change === 0) return '±0';
  return change > 0 ? `+${change}` : `−${-change}`;
}

import { type Result } from './workshop.js';

/** The table of docs/mutation.md. */
export function table(results: readonly Result[]): string {
  const rows = results.map(
    ({ mutation, outcome }) => `| ${mutation.name} | ${mutation.rule} | \`${mutation.file}\` | ${outcome} |`,
  );
  return ['| mutation | rule | file | result |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

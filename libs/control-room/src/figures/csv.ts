export type CsvCell = string | number | boolean | null;

/** What a spreadsheet would take for the begin of a formula (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r]/;

/** Stands before a table, so that a spreadsheet reads UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A table as CSV (RFC 4180) for spreadsheets: with a byte-order mark, so that Chinese is read as such, and text that would be a
 * formula is made text by an apostrophe. Numbers are ours and stay numbers.
 */
export function csvOf(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return BYTE_ORDER_MARK + [header, ...rows].map(csvRow).join('');
}

/** One row with its end: for tables that are too long to be made at once. */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

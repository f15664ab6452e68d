/** Figures as the tables of the bench have them. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en');
export const ratio = (value: number | undefined): string =>
  value === undefined ? '–' : `${value.toFixed(2)} ×`;
export const optional = (value: number | null, digits = 1): string =>
  value === null ? '–' : value.toFixed(digits);

export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => {
    row.forEach((cell, column) => (known[column] = Math.max(known[column] ?? 0, cell.length)));
    return known;
  }, []);
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

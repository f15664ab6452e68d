/** A deep copy of plain JSON data with its keys in code-unit order: equal content has equal bytes, whoever wrote it. */
export function canonical<T>(value: T): T {
  return canonicalValue(value) as T;
}

/** Equality of plain JSON data that is already canonical. */
export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Order by UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function canonicalValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([key, entry]) => [key, canonicalValue(entry)]),
  );
}

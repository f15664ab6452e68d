/** Nearest rank: the smallest value that `share` (0 to 1) of all are not above. `null` of none. Sorted, ascending. */
export function percentile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

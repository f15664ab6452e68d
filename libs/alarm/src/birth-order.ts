/** Order of alarms by their birth: by offset, then by index, of `A{offset}-{index}`. */
export function byBirth(a: string, b: string): number {
  const [offsetA = 0, indexA = 0] = a.slice(1).split('-').map(Number);
  const [offsetB = 0, indexB = 0] = b.slice(1).split('-').map(Number);
  return offsetA - offsetB || indexA - indexB;
}

/** Lines and characters of one request: far below the 25 MB that a server of generation 1 takes. */
const MOST_LINES = 5_000;
const MOST_CHARACTERS = 4_000_000;

/** Cuts lines into requests, in order. */
export function* inRequests(lines: readonly string[]): Generator<readonly string[]> {
  let from = 0;
  let characters = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const { length } = lines[index]!;
    if (index > from && (index - from >= MOST_LINES || characters + length > MOST_CHARACTERS)) {
      yield lines.slice(from, index);
      from = index;
      characters = 0;
    }
    characters += length;
  }
  if (from < lines.length) yield lines.slice(from);
}

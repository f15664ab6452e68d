/** More than this at once the page does not watch: values beyond it are read with the device list. */
export const WATCH_LIMIT = 500;

/** The points whose live values somebody on the page wants, as one list for the server's `watch`. */
export class Watching {
  private readonly wishes = new Map<symbol, readonly string[]>();

  constructor(private readonly changed: () => void) {}

  /** Wishes of later owners (a drawer over a list) come first when there is not room for all. */
  want(owner: symbol, points: readonly string[]): void {
    if (same(this.wishes.get(owner) ?? [], points)) return;
    this.wishes.delete(owner);
    if (points.length > 0) this.wishes.set(owner, points);
    this.changed();
  }

  release(owner: symbol): void {
    if (this.wishes.delete(owner)) this.changed();
  }

  points(): string[] {
    return [...new Set([...this.wishes.values()].reverse().flat())].slice(0, WATCH_LIMIT);
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((point, index) => point === b[index]);

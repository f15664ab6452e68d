/**
 * A device and its points, in the order in which columns number them. There is one object for equal content in a process,
 * so consumers may keep what they know of it in an array by `index`. It is never forgotten: there is one a device, and one
 * more each time the points of a device change.
 */
export class ReadingSource {
  private static readonly known = new Map<string, ReadingSource>();
  private static readonly list: ReadingSource[] = [];

  private constructor(
    /** Dense number of this process, from 0; it means nothing in another one or on disk. */
    readonly index: number,
    readonly deviceId: string,
    readonly pointIds: readonly string[],
  ) {}

  static of(deviceId: string, pointIds: readonly string[]): ReadingSource {
    const key = [deviceId, ...pointIds].join('\n');
    let source = this.known.get(key);
    if (source === undefined) {
      source = new ReadingSource(this.list.length, deviceId, [...pointIds]);
      this.known.set(key, source);
      this.list.push(source);
    }
    return source;
  }

  /** How many there are: the length of an array by `index`. */
  static get count(): number {
    return this.list.length;
  }
}

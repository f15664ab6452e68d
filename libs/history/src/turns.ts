/** Work in the order in which it was asked for, one after the other. A failure is told to who asked, and stops nothing else. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything asked for so far has had its turn. */
  async done(): Promise<void> {
    await this.last;
  }
}

import { Injectable } from '@nestjs/common';
import { type SeatView } from '@watchfire/contracts';
import { type LivePage } from './live-page.js';

/** The live pages of this server. */
@Injectable()
export class Seats {
  readonly #pages = new Map<string, LivePage>();
  #streamOf: (page: LivePage) => SeatView['stream'] = () => 'idle';

  /** Who knows how far a page is. */
  describeBy(streamOf: (page: LivePage) => SeatView['stream']): void {
    this.#streamOf = streamOf;
  }

  take(page: LivePage): void {
    this.#pages.set(page.socket.id, page);
  }

  of(socket: { readonly id: string }): LivePage | undefined {
    return this.#pages.get(socket.id);
  }

  leave(page: LivePage): void {
    this.#pages.delete(page.socket.id);
  }

  pages(): IterableIterator<LivePage> {
    return this.#pages.values();
  }

  get size(): number {
    return this.#pages.size;
  }

  countOf(userId: string): number {
    let count = 0;
    for (const { entry } of this.#pages.values()) if (entry.user.id === userId) count++;
    return count;
  }

  views(): SeatView[] {
    return [...this.#pages.values()].map((page) => page.seat(this.#streamOf(page)));
  }
}

import { join } from 'node:path';
import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import { ADMIN_PASSWORD } from './server-process.js';

const OBSERVER = join(import.meta.dirname, 'screen-observer.mjs');

/** What was seen of one alarm from outside the page's own code, epoch ms. */
export interface SeenAlarm {
  /** The message was at the page. */
  readonly receivedAt?: number;
  /** Its row was in the document. */
  readonly inDocumentAt?: number;
  /** The frame after the one with the row has begun. */
  readonly paintedAt?: number;
}

/** The page in a real browser, as an operator has it on the desk. */
export class AlarmScreen {
  readonly errors: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  static async open(
    browser: Browser,
    url: string,
    { username = 'admin', password = ADMIN_PASSWORD } = {},
  ): Promise<AlarmScreen> {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const page = await context.newPage();
    const screen = new AlarmScreen(page, context);
    await page.addInitScript({ path: OBSERVER });
    await page.goto(url);
    await page.getByTestId('username').fill(username);
    await page.getByTestId('password').fill(password);
    await page.getByTestId('sign-in').click();
    await page.getByTestId('counts').waitFor();
    return screen;
  }

  /** By the id of the alarm. */
  seen(): Promise<Readonly<Record<string, SeenAlarm>>> {
    return this.page.evaluate(
      () => (globalThis as unknown as { watchfireSeen: Record<string, SeenAlarm> }).watchfireSeen,
    );
  }

  /** Patterns of tones that have begun to sound. */
  tonesBegun(): Promise<number> {
    return this.page.evaluate(
      () => (globalThis as unknown as { watchfireTones: { begun: number } }).watchfireTones.begun,
    );
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import { ADMIN_PASSWORD } from './server-process.js';

/** What was seen of one alarm from outside the page's own code, epoch ms. */
export interface SeenAlarm {
  /** The message was at the page. */
  readonly receivedAt?: number;
  /** Its row was in the document. */
  readonly inDocumentAt?: number;
  /** The frame after the one with the row has begun. */
  readonly paintedAt?: number;
}

/** Runs in the page before anything of it: notes what comes over the socket and which rows come into the document. */
function observe(): void {
  const seen: Record<string, { receivedAt?: number; inDocumentAt?: number; paintedAt?: number }> = {};
  const of = (id: string) => (seen[id] ??= {});
  const now = (): number => performance.timeOrigin + performance.now();
  const tones = { begun: 0 };
  Object.assign(globalThis, { watchfireSeen: seen, watchfireTones: tones });

  const hear = ({ data }: MessageEvent): void => {
    if (typeof data !== 'string' || !data.startsWith('42/control-room,["alarm"')) return;
    const [, { alarm }] = JSON.parse(data.slice(data.indexOf('['))) as [string, { alarm: { id: string } }];
    of(alarm.id).receivedAt ??= now();
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', hear);
    }
  };

  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
  // A pattern of tones that begins brings an output of its own.
  AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
    if (to instanceof AudioDestinationNode) tones.begun += 1;
    return connect.call(this, to);
  } as typeof AudioNode.prototype.connect;

  const rowsIn = (node: Node): HTMLElement[] =>
    node instanceof HTMLElement
      ? [node, ...node.querySelectorAll<HTMLElement>('*')].filter(
          ({ dataset }) => dataset['testid'] === 'alarm-row',
        )
      : [];
  new MutationObserver((changes) => {
    const rows = changes.flatMap(({ addedNodes }) => [...addedNodes].flatMap(rowsIn));
    const fresh = rows
      .map(({ dataset }) => of(dataset['alarmId'] ?? ''))
      .filter((one) => one.inDocumentAt === undefined);
    for (const one of fresh) one.inDocumentAt = now();
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        for (const one of fresh) one.paintedAt = now();
      }),
    );
  }).observe(document, { childList: true, subtree: true });
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
    await page.addInitScript(observe);
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

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AcceptanceView, type FireComponentView, type Page as ListPage } from '@watchfire/contracts';
import { type Browser, type Locator, type Page } from 'playwright-core';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { SimulatorProcess } from '../support/simulator-process.js';

const SITE = 'site-wangjiang';
const ADMINISTRATOR = { username: 'admin', password: 'watchfire-demo' };

const title = 'a fire unit in a browser';
const suite = chromiumMissing === undefined ? describe : describe.skip;

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  let centre: Centre;
  let api: ApiClient;
  let browser: Browser;
  let page: Page;
  let simulator: SimulatorProcess;
  const pageErrors: string[] = [];

  const byTestId = (id: string): Locator => page.getByTestId(id);
  const marker = (order: number): Locator => page.locator(`[data-testid=plan-marker][data-order="${order}"]`);
  const components = async (): Promise<readonly FireComponentView[]> =>
    (await api.get<ListPage<FireComponentView>>(`/fire-units/${SITE}/components`)).items;

  beforeAll(async () => {
    centre = await Centre.start({ args: ['--demo'] });
    api = await centre.signIn(ADMINISTRATOR.username, ADMINISTRATOR.password);
    simulator = new SimulatorProcess(centre.options.data, ['--scenario', 'fire-spread', '--speed', '20']);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => pageErrors.push(error.message));
    await page.goto(centre.server.url);
    await byTestId('demo-account').filter({ hasText: ADMINISTRATOR.username }).first().click();
    await byTestId('sign-in').click();
    await byTestId('counts').waitFor();
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await simulator.stop();
    await centre.end();
  });

  it('[FU10] is reached from the alarm in two clicks, with plan, calls and order on one screen', async () => {
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(`${centre.server.url}/#/alarms`);
    const alarm = page.locator('[data-testid=alarm-row][data-class=fire]').filter({ hasText: '望江楼' });
    await alarm.first().waitFor({ timeout: 30_000 });
    await alarm.first().locator('.message').click();
    await byTestId('alarm-unit').locator('a').first().click();
    const seen = [
      marker(1),
      byTestId('unit-calls').locator('a[href^="tel:"]').last(),
      byTestId('unit-systems'),
    ];
    for (const each of seen) {
      await each.waitFor();
      const box = await each.boundingBox();
      expect([box?.y ?? -1, (box?.y ?? 0) + (box?.height ?? 0)].every((y) => y > 0 && y <= 768)).toBe(true);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  }, 60_000);

  it('[FU10] draws the spread of a fire on the plan, in the order in which it was reported', async () => {
    await page.goto(`${centre.server.url}/#/units`);
    await byTestId('unit-row').first().click();
    await marker(3).waitFor({ timeout: 30_000 });
    const names = await Promise.all([1, 2, 3].map((order) => marker(order).getAttribute('aria-label')));
    expect(names.map((name) => name?.split(' · ').at(-1))).toEqual(['东配楼感烟', '主楼感烟', '藏经阁感烟']);
    expect(await byTestId('unit-calls').locator('a').first().getAttribute('href')).toMatch(/^tel:\d+$/);
    // The plan itself has come, and is an image.
    const href = await byTestId('floor-plan').locator('image').getAttribute('href');
    const answer = await page.request.get(`${centre.server.url}${href}`);
    const status = answer.status();
    const type = answer.headers()['content-type'];
    expect([status, type]).toEqual([200, 'image/png']);
  }, 60_000);

  it('[FU9] leads from a component to its alarm, where what it was is recorded, and back to the plan', async () => {
    await marker(1).click();
    await byTestId('component-alarm').first().click();
    const form = byTestId('alarm-acceptance');
    await form.locator('select[name=confirmation]').selectOption('real');
    await form.locator('textarea[name=result]').fill('东配楼起火，已报 119');
    await byTestId('acceptance-save').click();
    await byTestId('acceptance-record').waitFor();
    const { items } = await api.get<ListPage<AcceptanceView>>(`/acceptance-records?siteId=${SITE}`);
    expect(items).toMatchObject([{ confirmation: 'real', informationType: 'fire', superseded: false }]);
    await byTestId('alarm-unit').locator('a').first().click();
    await byTestId('unit-view').waitFor();
    await page.locator('[data-testid=component-row].chosen').filter({ hasText: '东配楼感烟' }).waitFor();
  }, 30_000);

  it('[FU6] places a component by keyboard, and moves it by dragging', async () => {
    await byTestId('component-filter').selectOption('unplaced');
    await byTestId('component-row').first().locator('button').first().click();
    await byTestId('component-place').click();
    await page.locator('[data-testid=floor-plan]:focus').waitFor();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Enter'])
      await page.keyboard.press(key);
    const find = async (): Promise<FireComponentView | undefined> =>
      (await components()).find(({ label }) => label === '二层消火栓按钮');
    const placed = await eventually(find, (found) => typeof found?.x === 'number', 'the component is placed');
    expect([placed?.x, placed?.y]).toEqual([0.52, 0.55]);
    const mark = page.locator('[data-testid=plan-marker][aria-label$="二层消火栓按钮"]');
    const box = await mark.locator('path').boundingBox();
    if (box === null) throw new Error('the mark is not drawn');
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 80, box.y + 40, { steps: 4 });
    await page.mouse.up();
    const moved = await eventually(find, (found) => found?.x !== placed?.x, 'the component is moved');
    expect(moved?.x).toBeGreaterThan(0.56);
  }, 30_000);

  it('[FU5] gives a component a name that its panel does not have', async () => {
    await byTestId('component-filter').selectOption('all');
    const row = byTestId('component-row').filter({ hasText: '二层消火栓按钮' });
    await row.locator('button').first().click();
    const name = byTestId('component-name');
    await name.locator('input').fill('二层北侧消火栓按钮');
    await name.locator('button').click();
    await byTestId('component-row').filter({ hasText: '二层北侧消火栓按钮' }).waitFor();
    expect((await components()).map(({ label }) => label)).toContain('二层北侧消火栓按钮');
    expect(pageErrors).toEqual([]);
  }, 30_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeviceView, type DutyPlanView, type Page as ListPage } from '@watchfire/contracts';
import { STANDARD } from '@watchfire/protocol';
import { type Browser, type Locator, type Page } from 'playwright-core';
import { SystemClock } from '../../apps/simulator/src/field/clock.js';
import { Scheduler } from '../../apps/simulator/src/field/scheduler.js';
import { registerRooms, roomDeviceId } from '../../apps/simulator/src/fire/registration.js';
import { RoomFleet } from '../../apps/simulator/src/fire/room-fleet.js';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { ADMIN_PASSWORD, freePort } from '../support/server-process.js';

const title = 'the duty-check board in a browser';
const suite = chromiumMissing === undefined ? describe : describe.skip;
const PHONE = { width: 390, height: 800 };

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  const scheduler = new Scheduler(new SystemClock());
  let centre: Centre;
  let api: ApiClient;
  let fleet: RoomFleet;
  let browser: Browser;
  let page: Page;
  const sites: string[] = [];
  const pageErrors: string[] = [];

  const byTestId = (id: string): Locator => page.getByTestId(id);
  const row = (siteId: string): Locator => page.locator(`[data-testid=duty-row][data-site="${siteId}"]`);

  /** Two rooms whose key is pressed a moment later, and a unit without one. */
  beforeAll(async () => {
    const firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    fleet = new RoomFleet({
      units: 2,
      seed: 'board',
      deviations: [STANDARD],
      scheduler,
      dutyAnswerMs: 1_500,
    });
    const admin = { url: centre.server.url, username: 'admin', password: ADMIN_PASSWORD };
    await registerRooms(fleet.rooms, admin);
    fleet.connect({ host: '127.0.0.1', port: firePort });
    for (const room of fleet.rooms) {
      const { siteId } = await eventually(
        () => api.get<DeviceView>(`/devices/${roomDeviceId(room)}`),
        ({ connection }) => connection === 'online',
        'a connected room',
      );
      sites.push(siteId);
    }
    sites.push((await api.createSite('没有装置的单位')).siteId);
    for (const siteId of sites) await api.put(`/fire-units/${siteId}`, { kind: 'hospital' });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: PHONE });
    page.on('pageerror', (error) => pageErrors.push(error.message));
    await page.goto(centre.server.url);
    await page.locator('input[name=username]').fill('admin');
    await page.locator('input[name=password]').fill(ADMIN_PASSWORD);
    await byTestId('sign-in').click();
    await byTestId('counts').waitFor();
    await page.goto(`${centre.server.url}/#/duty-checks`);
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
    scheduler.stop();
    await centre.end();
  });

  it('[FU17] asks all that are shown after a second click, tells each apart, and draws the answers by itself', async () => {
    await row(sites[2] ?? '').waitFor();
    expect(await row(sites[0] ?? '').getAttribute('data-state')).toBe('unasked');
    await byTestId('duty-ask-shown').focus();
    await page.keyboard.press('Enter');
    await byTestId('duty-confirm').focus();
    await page.keyboard.press('Enter');
    await byTestId('duty-reply').waitFor();
    expect(await byTestId('duty-reply').innerText()).toContain('没有装置的单位');
    await page.locator('[data-testid=duty-row][data-state=open] [data-testid=duty-left]').first().waitFor();
    for (const siteId of sites.slice(0, 2))
      await page.locator(`[data-testid=duty-row][data-site="${siteId}"][data-state=present]`).waitFor();
    // Not before its time is over.
    await expectText('duty-on-post', '—');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(PHONE.width);
  }, 30_000);

  it('[FU17] asks one unit that is chosen, come to from its page', async () => {
    await page.goto(`${centre.server.url}/#/units?unit=${sites[0]}`);
    await byTestId('unit-duty').click();
    await row(sites[0] ?? '').waitFor();
    expect(await byTestId('duty-row').count()).toBe(1);
    await row(sites[0] ?? '')
      .locator('input[type=checkbox]')
      .check();
    await byTestId('duty-ask-chosen').click();
    await byTestId('duty-reply').waitFor();
    await expectText('duty-count-asked', '3');
    await expectText('duty-count-present', '3');
  }, 30_000);

  it('[FU18] makes a plan, changes it, and removes it after a second click', async () => {
    const plans = async (): Promise<readonly DutyPlanView[]> =>
      (await api.get<ListPage<DutyPlanView>>('/duty-plans')).items;
    await byTestId('duty-view-plans').click();
    await byTestId('duty-plan-new').click();
    const form = byTestId('duty-plan-form');
    await form.locator('input[name=name]').fill('夜间查岗');
    await form.locator('input[name=times]').fill('9:00');
    await byTestId('duty-plan-save').click();
    await byTestId('duty-plan').waitFor();
    expect(await plans()).toMatchObject([{ name: '夜间查岗', times: ['09:00'], revision: 1 }]);
    await byTestId('duty-plan-edit').click();
    await form.locator('input[name=times]').fill('25:00');
    await byTestId('duty-plan-save').click();
    await form.getByRole('alert').waitFor();
    await form.locator('input[name=times]').fill('21:00');
    await byTestId('duty-plan-save').click();
    await eventually(plans, ([plan]) => plan?.times[0] === '21:00', 'the changed plan');
    await byTestId('duty-plan-remove').click();
    await byTestId('duty-plan-remove').click();
    await eventually(plans, ({ length }) => length === 0, 'no plan');
    expect(pageErrors).toEqual([]);
  }, 30_000);

  function expectText(id: string, text: string): Promise<unknown> {
    return eventually(
      () => byTestId(id).innerText(),
      (shown) => shown === text,
      id,
    );
  }
});

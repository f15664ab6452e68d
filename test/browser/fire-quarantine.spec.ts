import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeviceView, type FireComponentView, type Page as ListPage } from '@watchfire/contracts';
import { type Browser, type Page } from 'playwright-core';
import { type PanelComponent } from '../../apps/simulator/src/fire/fire-panel.js';
import { AlarmScreen } from '../support/alarm-screen.js';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { RoomFleets } from '../support/room-fleets.js';
import { freePort } from '../support/server-process.js';

const ADDRESS = 260_003_001;
const DIALECT = 'dahua';

const title = 'a fire-control room that nobody knows, in a browser';
const suite = chromiumMissing === undefined ? describe : describe.skip;

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  let centre: Centre;
  let api: ApiClient;
  let fleets: RoomFleets;
  let browser: Browser;
  let screen: AlarmScreen;
  let page: Page;
  let siteId: string;
  let component: () => PanelComponent;

  beforeAll(async () => {
    const firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    ({ siteId } = await api.createSite('Old theatre'));
    fleets = new RoomFleets(centre, firePort);
    browser = await launchBrowser();
    screen = await AlarmScreen.open(browser, centre.server.url);
    page = screen.page;
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await fleets.end();
    await centre.end();
  });

  it('[FU22] appears by itself, is registered in one form, and is heard from its next frame on', async () => {
    await page.goto(`${centre.server.url}/#/administration`);
    await page.getByTestId('quarantine').waitFor();
    const fleet = await fleets.unknown(DIALECT, { units: 1, seed: 'unknown', firstAddress: ADDRESS });
    const row = page.getByTestId('quarantine-row').filter({ hasText: String(ADDRESS) });
    await row.waitFor();
    await row.getByRole('button').click();
    const form = page.getByTestId('room-registration');
    await form.locator('select[name=siteId]').selectOption(siteId);
    await form.locator('select[name=kind]').selectOption('entertainment-venue');
    expect(await form.locator('select[name=dialect]').inputValue()).toBe('standard');
    await form.locator('select[name=dialect]').selectOption(DIALECT);
    await form.locator('input[name=name]').fill('Control room of the old theatre');
    await form.locator('button[type=submit]').click();
    const heard = page.getByTestId('room-heard');
    await heard.waitFor();

    const [room] = fleet.rooms;
    if (room === undefined) throw new Error('no room');
    component = () => {
      const [first] = room.options.panel.components;
      if (first === undefined) throw new Error('a panel has components');
      return first;
    };
    room.happens(component(), ['fire']);
    await page.locator('[data-testid=room-heard][data-heard=true]').waitFor();
    expect(room.unconfirmed).toBe(0);
    const { items } = await api.get<ListPage<DeviceView>>('/devices');
    expect(items).toMatchObject([
      { siteId, dialect: DIALECT, address: String(ADDRESS), profile: 'fire.uitd' },
    ]);
    await eventually(
      () => api.get<ListPage<FireComponentView>>(`/fire-units/${siteId}/components`),
      (components) => components.items.some(({ condition }) => condition === 'fire'),
      'the component that burns',
    );
    await row.waitFor({ state: 'detached' });
    await page.getByTestId('room-unit').click();
    await page.getByTestId('unit-view').getByText('Old theatre').first().waitFor();
    expect(screen.errors).toEqual([]);
  }, 60_000);

  it('[FU23] shows what its system says of itself, beside the components', async () => {
    const [device] = (await api.get<ListPage<DeviceView>>('/devices')).items;
    const { systemType, systemAddress } = component();
    await api.post(`/devices/${device?.deviceId}/commands`, {
      command: 'read_state',
      params: { systemType, systemAddress },
      reason: 'what the system itself says',
    });
    await page.locator('[data-testid=system-state][data-condition=fire]').waitFor();
    await page.getByTestId('unit-systems').getByText('部件').waitFor();
    expect(screen.errors).toEqual([]);
  }, 60_000);
});

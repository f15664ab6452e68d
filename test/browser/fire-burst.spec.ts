import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, type Locator, type Page } from 'playwright-core';
import { type RoomFleet } from '../../apps/simulator/src/fire/room-fleet.js';
import { AlarmScreen } from '../support/alarm-screen.js';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { RoomFleets } from '../support/room-fleets.js';
import { freePort } from '../support/server-process.js';

const UNITS = 185;
/** Alarms that the operator is at when the others come. */
const FIRST = 10;
const ACKNOWLEDGED = 5;
/** One after the other: the hand is on the list while they arrive. */
const EVERY_MS = 10;

const title = `${UNITS} fires while the operator works`;
const suite = chromiumMissing === undefined ? describe : describe.skip;

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  let centre: Centre;
  let api: ApiClient;
  let fleets: RoomFleets;
  let browser: Browser;
  let screen: AlarmScreen;
  let page: Page;
  let rooms: RoomFleet;
  let tonesBefore: number;

  const rows = (): Locator => page.getByTestId('alarm-row');
  const row = (id: string): Locator => page.locator(`[data-testid=alarm-row][data-alarm-id="${id}"]`);
  const idAt = async (index: number): Promise<string> =>
    (await rows().nth(index).getAttribute('data-alarm-id')) ?? '';
  const middleOf = async (target: Locator): Promise<{ x: number; y: number }> => {
    const box = await target.boundingBox();
    if (box === null) throw new Error('not on the screen');
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const fires = async (): Promise<number> =>
    (await api.alarms('state=all')).filter((alarm) => alarm.class === 'fire').length;
  const happens = (index: number, condition: string): void => {
    const room = rooms.rooms[index];
    // Not of the same component: its fire would end what it reported before.
    const component = room?.options.panel.components[condition === 'fire' ? 1 : 0];
    if (component !== undefined) room?.happens(component, [condition]);
  };

  beforeAll(async () => {
    const firePort = await freePort();
    centre = await Centre.start({ firePort });
    api = await centre.signIn();
    fleets = new RoomFleets(centre, firePort);
    browser = await launchBrowser();
    rooms = await fleets.connected({ units: UNITS, seed: 'burst', firstAddress: 260_002_001 });
    screen = await AlarmScreen.open(browser, centre.server.url);
    page = screen.page;
    await page.getByTestId('sound-arm').click();
    await page.getByTestId('sound-heard').click();
    for (let index = 0; index < FIRST; index++) happens(index, 'supervisory');
    await eventually(
      () => rows().count(),
      (count) => count >= FIRST,
      'the first alarms',
    );
    tonesBefore = await screen.tonesBegun();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await fleets.end();
    await centre.end();
  });

  it('[FU21] acknowledges what is under the pointer, and moves no row under it', async () => {
    const wanted = await Promise.all(Array.from({ length: ACKNOWLEDGED }, (_, index) => idAt(index + 2)));
    const places = await Promise.all(wanted.map((id) => middleOf(row(id).getByTestId('ack-button'))));
    const [first] = places;
    if (first === undefined) throw new Error('no row');
    await page.mouse.move(first.x, first.y);
    for (let index = 0; index < UNITS; index++) fleets.after(index * EVERY_MS, () => happens(index, 'fire'));
    await page.getByTestId('new-bar').waitFor();
    // By place, as a hand does it: what is there now gets the click.
    for (const { x, y } of places) {
      await page.mouse.move(x, y);
      await page.mouse.click(x, y);
    }
    const placesAfter = await Promise.all(wanted.map((id) => middleOf(row(id).locator('.c-act'))));
    expect(placesAfter.map(({ y }) => Math.round(y))).toEqual(places.map(({ y }) => Math.round(y)));
    const acknowledged = async (): Promise<string[]> =>
      (await api.alarms('state=all'))
        .filter(({ acked, ackedBy }) => acked && ackedBy !== null)
        .map(({ id }) => id);
    await eventually(acknowledged, (ids) => ids.length >= ACKNOWLEDGED, 'acknowledged alarms');
    expect((await acknowledged()).sort()).toEqual([...wanted].sort());
  }, 60_000);

  it('[FU21] takes in what came once the hand is away, keeps the selection, and began one tone for the fires', async () => {
    const selected = await idAt(4);
    await row(selected).locator('.c-state').hover();
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('[data-testid=alarm-row][aria-selected=true]');
    const id = await chosen.getAttribute('data-alarm-id');
    await page.mouse.move(5, 5);
    await eventually(fires, (count) => count >= UNITS, 'all fires');
    await page.getByTestId('new-bar').waitFor({ state: 'detached' });
    await eventually(
      () => rows().count(),
      (count) => count >= UNITS + FIRST,
      'all rows',
    );
    expect(await chosen.getAttribute('data-alarm-id')).toBe(id);
    expect((await screen.tonesBegun()) - tonesBefore).toBe(1);
    expect(screen.errors).toEqual([]);
  }, 60_000);
});

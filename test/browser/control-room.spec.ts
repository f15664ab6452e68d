import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HistoryReply } from '@watchfire/contracts';
import { readFile } from 'node:fs/promises';
import { type Browser, type Locator, type Page } from 'playwright-core';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Cable } from '../support/cable.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';
import { SimulatorProcess } from '../support/simulator-process.js';

const LEAK = { device: 'dev-jiangfan-gas-1', scenario: 'gas-leak', speed: '20' };
const OPERATOR = { username: 'operator', password: 'watchfire-demo' };

const title = 'the control room in a browser';
const suite = chromiumMissing === undefined ? describe : describe.skip;

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  let centre: Centre;
  let api: ApiClient;
  let cable: Cable;
  let browser: Browser;
  let page: Page;
  const simulators: SimulatorProcess[] = [];
  const pageErrors: string[] = [];

  const byTestId = (id: string): Locator => page.getByTestId(id);
  const rows = (): Locator => byTestId('alarm-row');
  const row = (alarmId: string): Locator =>
    page.locator(`[data-testid=alarm-row][data-alarm-id="${alarmId}"]`);
  const shownStates = async (): Promise<Record<string, string>> => {
    const shown: Record<string, string> = {};
    for (const each of await rows().all()) {
      const [id, state] = await Promise.all(
        ['data-alarm-id', 'data-state'].map((name) => each.getAttribute(name)),
      );
      shown[id ?? ''] = state ?? '';
    }
    return shown;
  };
  const retainedStates = async (): Promise<Record<string, string>> => {
    const alarms = [...(await api.alarms('state=active')), ...(await api.alarms('state=unacknowledged'))];
    return Object.fromEntries(alarms.map(({ id, state }) => [id, state]));
  };
  const simulate = (...args: string[]): SimulatorProcess => {
    const simulator = new SimulatorProcess(centre.options.data, args);
    simulators.push(simulator);
    return simulator;
  };

  beforeAll(async () => {
    centre = await Centre.start({ args: ['--demo'] });
    api = await centre.signIn(OPERATOR.username, OPERATOR.password);
    cable = await Cable.to(centre.options.httpPort);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => pageErrors.push(error.message));
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    cable.close();
    for (const simulator of simulators) await simulator.stop();
    await centre.end();
  });

  it('signs in with an account that the page shows', async () => {
    await page.goto(cable.url);
    await page.getByTestId('demo-account').filter({ hasText: 'operator' }).click();
    await byTestId('sign-in').click();
    await byTestId('alarm-list').or(byTestId('empty-list')).first().waitFor();
    expect(await byTestId('sound-banner').isVisible()).toBe(true);
  }, 30_000);

  it('arms the sound, and proves it', async () => {
    await byTestId('sound-arm').click();
    await byTestId('sound-heard').click();
    await byTestId('sound-banner').waitFor({ state: 'detached' });
  }, 30_000);

  it("shows a scenario's alarm, and acknowledges it with one key", async () => {
    simulate('--scenario', LEAK.scenario, '--speed', LEAK.speed);
    const raised = await eventually(
      () => api.alarms('state=unacknowledged'),
      (all) => all.some(({ deviceId, priority }) => deviceId === LEAK.device && priority === 'red'),
      "the scenario's alarm",
      60_000,
    );
    const alarm = raised.find(({ deviceId }) => deviceId === LEAK.device);
    if (alarm === undefined) throw new Error('no alarm');
    await row(alarm.id).waitFor();
    await row(alarm.id).click();
    await byTestId('alarm-drawer').waitFor();
    await page.keyboard.press('a');
    await eventually(
      () => row(alarm.id).getAttribute('data-state'),
      (state) => state === 'ACKED',
      'the acknowledged row',
    );
    const acked = (await api.alarms('state=active')).find(({ id }) => id === alarm.id);
    expect(acked).toMatchObject({ state: 'ACKED', ackedBy: OPERATOR.username });
  }, 90_000);

  it('shows a red bar while the link is lost, and misses nothing when it is back', async () => {
    await page.keyboard.press('Escape');
    await byTestId('alarm-drawer').waitFor({ state: 'detached' });
    cable.pull();
    await byTestId('link-bar').waitFor({ timeout: 30_000 });
    simulate('--scenario', 'fire-spread', '--speed', '30', '--seed', 'second');
    await eventually(
      () => api.alarms('state=unacknowledged'),
      (all) => all.filter((alarm) => alarm.class === 'fire').length >= 2,
      'a fire while nobody could see it',
      90_000,
    );
    const shownWhileBlind = Object.keys(await shownStates());
    expect(shownWhileBlind.length).toBeLessThan(Object.keys(await retainedStates()).length);
    cable.putBack();
    await byTestId('link-bar').waitFor({ state: 'detached', timeout: 60_000 });
    await eventually(
      async () => ({ shown: await shownStates(), retained: await retainedStates() }),
      ({ shown, retained }) => {
        const same = (id: string): boolean => shown[id] === retained[id];
        return Object.keys(retained).every(same) && Object.keys(shown).every(same);
      },
      'the page and the server to agree',
      30_000,
    );
    const first = rows().first();
    expect(await first.textContent()).toContain('火');
  }, 200_000);

  it('draws a day of a device, and gives it as a file', async () => {
    await page.goto(`${cable.url}/#/devices`);
    await page.locator(`[data-testid=device-row][data-device-id="${LEAK.device}"]`).click();
    const asked = page.waitForResponse((response) =>
      /conc\/history\?.*buckets=.*fn=max/.test(response.url()),
    );
    await byTestId('trend-span').selectOption('day');
    const { points } = (await (await asked).json()) as HistoryReply;
    expect(Math.max(...points.map(([, value]) => Number(value)))).toBeGreaterThan(10);
    const [file] = await Promise.all([page.waitForEvent('download'), byTestId('trend-csv').click()]);
    const table = await readFile(await file.path(), 'utf8');
    expect(table).toMatch(/^\uFEFFtime,ts,point,value,unit,quality\r\n/);
    expect(table).toContain(`,${LEAK.device}.conc,`);
  }, 60_000);

  it('was never stopped by an error of its own', () => {
    expect(pageErrors).toEqual([]);
  });
});

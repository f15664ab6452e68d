import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Alarm, type ApprovalView, type Page as ListPage } from '@watchfire/contracts';
import { type MqttClient } from 'mqtt';
import { type Browser, type Locator, type Page } from 'playwright-core';
import { type ApiClient } from '../support/api-client.js';
import { chromiumMissing, launchBrowser } from '../support/browser.js';
import { Centre } from '../support/centre.js';
import { eventually } from '../support/eventually.js';

const PASSWORD = 'watch-by-night-and-day';
const LIFT = 'lift-1';

const title = 'what two people must agree to, at two seats';
const suite = chromiumMissing === undefined ? describe : describe.skip;

suite(chromiumMissing === undefined ? title : `${title} (skipped: ${chromiumMissing})`, () => {
  let centre: Centre;
  let api: ApiClient;
  let device: MqttClient;
  let browser: Browser;
  let operator: Page;
  let supervisor: Page;
  let alarm: Alarm;
  const pageErrors: string[] = [];

  async function sit(username: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => pageErrors.push(error.message));
    await page.goto(centre.server.url);
    await page.getByTestId('username').fill(username);
    await page.getByTestId('password').fill(PASSWORD);
    await page.getByTestId('sign-in').click();
    await page.getByTestId('counts').waitFor();
    return page;
  }
  const row = (page: Page): Locator => page.locator(`[data-testid=alarm-row][data-alarm-id="${alarm.id}"]`);

  const press = (alarmButton: boolean): Promise<unknown> =>
    device.publishAsync(
      `watchfire/v1/devices/${LIFT}/telemetry`,
      JSON.stringify({ values: { alarmButton } }),
      {
        qos: 1,
      },
    );

  beforeAll(async () => {
    centre = await Centre.start();
    api = await centre.signIn();
    for (const role of ['operator', 'supervisor']) {
      await api.post('/users', { username: role, displayName: role, role, password: PASSWORD });
    }
    const { siteId } = await api.createSite('Tower');
    const { credential } = await api.createDevice(siteId, 'lift', LIFT);
    device = await centre.connect(credential);
    browser = await launchBrowser();
    [operator, supervisor] = await Promise.all([sit('operator'), sit('supervisor')]);
    await press(true);
    const raised = await eventually(
      () => api.alarms(),
      (all) => all.some((each) => each.class === 'entrapment'),
      'an alarm of the top class',
    );
    alarm = raised.find((each) => each.class === 'entrapment') as Alarm;
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await device.endAsync(true);
    await centre.end();
  });

  it('is asked for by the operator, who is told that it does not hold yet', async () => {
    await row(operator).click();
    await operator.getByTestId('cover-shelve').click();
    expect(await operator.getByTestId('cover-two').isVisible()).toBe(true);
    await operator.locator('[data-testid=cover-form] input[name=reason]').fill('the lift is being tested');
    await operator.getByTestId('cover-submit').click();
    await operator.getByTestId('cover-waits').waitFor();
    expect(await row(operator).getAttribute('data-state')).toBe('UNACK');
    // Who asks does not decide.
    await operator.locator('a[href="#/approvals"]').first().click();
    await operator.getByTestId('approval').waitFor();
    expect(await operator.getByTestId('approve').count()).toBe(0);
    expect((await api.alarms('state=suppressed')).length).toBe(0);
  }, 30_000);

  it('is done when the supervisor agrees, and both see it', async () => {
    await supervisor.locator('nav a[href="#/approvals"]').click();
    await supervisor.getByTestId('approvals-waiting').waitFor();
    await supervisor.getByTestId('approval-comment').fill('agreed by telephone');
    await supervisor.getByTestId('approve').click();
    await supervisor.locator('[data-testid=approval-decided][data-state=approved]').waitFor();
    expect((await api.alarms('state=suppressed')).map(({ id, state }) => [id, state])).toEqual([
      [alarm.id, 'SHLVD'],
    ]);
    await operator.locator('nav a[href="#/alarms"]').click();
    await eventually(
      () => row(operator).getAttribute('data-state'),
      (state) => state === 'SHLVD',
      'the row of the shelved alarm',
    );
  }, 30_000);

  it('is on the register with both names, and ended from there', async () => {
    await operator.locator('nav a[href="#/exposure"]').click();
    const entry = operator.locator('[data-testid=exposure-entry][data-kind=shelved]');
    await entry.waitFor();
    expect(await entry.textContent()).toMatch(/operator.*supervisor.*the lift is being tested/s);
    await entry.getByTestId('exposure-end').click();
    await entry.getByTestId('exposure-end-confirm').click();
    await entry.waitFor({ state: 'detached' });
    expect(await api.alarms('state=suppressed')).toEqual([]);
  }, 30_000);

  it('an occurrence that nobody acknowledged stays beside the next, and is acknowledged by itself', async () => {
    for (const alarmButton of [false, true]) await press(alarmButton);
    await operator.locator('nav a[href="#/alarms"]').click();
    await row(operator).click();
    await operator.getByTestId('older-ack').click();
    await operator.getByTestId('older-ack').waitFor({ state: 'detached' });
    const left = (await api.alarms()).find(({ id }) => id === alarm.id);
    expect(left).toMatchObject({ state: 'UNACK', olderOccurrences: [] });
    await operator.keyboard.press('a');
    await operator.getByTestId('follow-withdraw-acknowledgement').click();
    await eventually(
      () => row(operator).getAttribute('data-state'),
      (state) => state === 'UNACK',
      'the acknowledgement to be withdrawn',
    );
  }, 30_000);

  it('changes a rule of a safety class only when another person agrees', async () => {
    await supervisor.goto(`${centre.server.url}/#/rules?device=${LIFT}&rule=alarm-button`);
    await supervisor.getByTestId('rule-edit').click();
    await supervisor.locator('input[name=onDelaySeconds]').fill('5');
    await supervisor.locator('input[name=reason]').fill('the button is pressed by mistake');
    await supervisor.getByTestId('rule-save').click();
    await supervisor.getByTestId('rule-waits').waitFor();
    const delay = supervisor.locator('[data-testid=rule-value][data-path=onDelaySeconds] strong');
    expect(await delay.textContent()).toBe('0');
    const [request] = (await api.get<ListPage<ApprovalView>>('/approvals')).items;
    expect(request?.kind).toBe('rule-change');
    await api.post(`/approvals/${request?.id}/approve`, {});
    await supervisor.goto(`${centre.server.url}/#/approvals`);
    await supervisor.goto(`${centre.server.url}/#/rules?device=${LIFT}&rule=alarm-button`);
    await eventually(
      () => delay.textContent(),
      (text) => text === '5',
      'the delay that was agreed to',
    );
  }, 30_000);

  it('was never stopped by an error of the page', () => {
    expect(pageErrors).toEqual([]);
  });
});

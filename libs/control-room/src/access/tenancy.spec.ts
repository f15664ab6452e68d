import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type OpenAPIObject } from '@nestjs/swagger';
import { ManualClock } from '@watchfire/testing';
import { Centre } from '../testing/centre.js';
import { type Operation, operations } from '../testing/operations.js';

let centre: Centre;
let all: Operation[];
const alarmOf: Record<string, string> = {};

beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
  all = operations((await centre.get('openapi.json')).body as unknown as OpenAPIObject);
  for (const id of ['a', 'b']) {
    alarmOf[id] = (await centre.raise(`dev-${id}`)).id;
    await centre.post(`devices/dev-${id}/commands`, 'operator', { command: 'read_now', reason: 'x' });
  }
  await centre.recorded();
});
afterAll(() => centre.close());

/** The path with the ids of one enterprise in it. */
function pathOf(path: string, enterprise: string): string {
  const id = path.includes('/alarms/') ? alarmOf[enterprise] : `dev-${enterprise}`;
  return path
    .replace('{id}', id ?? '')
    .replace('{pointId}', `dev-${enterprise}.conc`)
    .replace('{commandId}', `cmd-of-dev-${enterprise}`)
    .replace('{ruleKey}', 'conc-high');
}

/** Everything by which a foreign enterprise could be known. */
const namesOf = (enterprise: string): RegExp =>
  new RegExp(
    `ent-${enterprise}|site-${enterprise}|dev-${enterprise}|[Ee]nterprise ${enterprise}|owner-${enterprise}|"${alarmOf[enterprise]}"`,
  );

const QUERIES = [
  '',
  'siteId=site-b',
  'deviceId=dev-b',
  'enterpriseId=ent-b',
  'state=all',
  'from=0&to=9999999999999',
  'q=Detector',
];

describe('a person of one enterprise', () => {
  test('[LV10] learns nothing of another by any route, whatever is asked for', async () => {
    const readable = all.filter(({ method }) => method === 'GET');
    const leaks: string[] = [];
    let shownToCentre = 0;
    for (const { path } of readable) {
      for (const query of QUERIES) {
        const url = `${pathOf(path, 'b')}?${query}`;
        const own = await centre.request('GET', url, { as: 'owner-a' });
        if (own.status < 300 && namesOf('b').test(JSON.stringify(own.body))) leaks.push(url);
        const all = await centre.request('GET', url, { as: 'supervisor' });
        if (all.status < 300 && namesOf('b').test(JSON.stringify(all.body))) shownToCentre++;
      }
    }
    expect(leaks).toEqual([]);
    // The same questions do show enterprise b to those who may see it: the test above looked in the right places.
    expect(shownToCentre).toBeGreaterThan(15);
  });

  test('[LV10] gets the same answer for a foreign object as for one that does not exist', async () => {
    for (const path of [
      'devices/ID',
      'devices/ID/points',
      'devices/ID/commands',
      'points/ID.conc/history?from=0&to=9',
      'rules?deviceId=ID',
    ]) {
      const foreign = await centre.get(path.replace('ID', 'dev-b'), 'owner-a');
      const absent = await centre.get(path.replace('ID', 'dev-x'), 'owner-a');
      expect([path, foreign.status]).toEqual([path, 404]);
      expect({ ...foreign.body, instance: '' }).toEqual({ ...absent.body, instance: '' });
    }
    for (const path of ['alarms/ID', 'alarms/ID/events']) {
      const foreign = await centre.get(path.replace('ID', alarmOf['b'] ?? ''), 'owner-a');
      expect([path, foreign.status, foreign.body.code]).toEqual([path, 404, 'alarm_unknown']);
    }
  });

  test('sees its own', async () => {
    expect((await centre.get('enterprises', 'owner-a')).body.items).toEqual([
      { id: 'ent-a', name: 'Enterprise a' },
    ]);
    expect((await centre.get('sites', 'owner-a')).body.total).toBe(1);
    expect((await centre.get('devices', 'owner-a')).body.items).toMatchObject([{ id: 'dev-a' }]);
    expect((await centre.get('alarms', 'owner-a')).body.items).toMatchObject([{ id: alarmOf['a'] }]);
    expect((await centre.get('alarms?state=all', 'owner-a')).body.items).toMatchObject([
      { id: alarmOf['a'] },
    ]);
    expect((await centre.get('rules?deviceId=dev-a', 'owner-a')).body.items.length).toBeGreaterThan(3);
  });

  test('changes nothing', async () => {
    for (const { method, path } of all.filter(
      (each) => each.method !== 'GET' && !each.path.includes('/auth/') && each.roles !== undefined,
    )) {
      for (const enterprise of ['a', 'b']) {
        const answer = await centre.request(method, pathOf(path, enterprise), { as: 'owner-a', body: {} });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
    }
  });
});

describe('a role', () => {
  const PEOPLE = {
    administrator: 'administrator',
    supervisor: 'supervisor',
    operator: 'operator',
    dispatcher: 'dispatcher',
    enterprise: 'owner-a',
  };

  test('comes in where it is named, and nowhere else', async () => {
    const closed = all.filter(({ roles, path }) => roles !== undefined && !path.endsWith('/logout'));
    expect(closed.length).toBeGreaterThan(20);
    for (const { name, method, path, roles } of closed) {
      // Ids that do not exist: who comes in is told so, and nothing happens.
      const url = path.replace(/\{\w+\}/g, 'nobody');
      const body = method === 'GET' ? undefined : {};
      const anonymous = await centre.request(method, url, { body });
      expect([name, anonymous.status, anonymous.body.code]).toEqual([name, 401, 'unauthenticated']);
      for (const [role, username] of Object.entries(PEOPLE)) {
        const { status } = await centre.request(method, url, { as: username, body });
        expect([name, role, status === 403]).toEqual([name, role, roles?.includes(role) !== true]);
        expect([name, role, status < 500 && status !== 401]).toEqual([name, role, true]);
      }
    }
  });

  test('of one who only looks cannot act: the list of those who may is written down', () => {
    const changing = all.filter(
      ({ method, path, roles }) => method !== 'GET' && !path.includes('/auth/') && roles !== undefined,
    );
    const may = Object.fromEntries(changing.map(({ name, roles }) => [name, roles?.toSorted().join(' ')]));
    const handlers = 'administrator dispatcher operator supervisor';
    const shelvers = 'administrator operator supervisor';
    const maintainers = 'administrator supervisor';
    expect(may).toEqual({
      'POST /api/v1/back-tests': 'administrator supervisor',
      'POST /api/v1/back-tests/{id}/cancel': 'administrator supervisor',
      'POST /api/v1/duty-checks': shelvers,
      'POST /api/v1/duty-plans': maintainers,
      'POST /api/v1/duty-plans/{id}/remove': maintainers,
      'PUT /api/v1/duty-plans/{id}': maintainers,
      'POST /api/v1/enterprises': 'administrator',
      'POST /api/v1/sites': 'administrator',
      'POST /api/v1/devices': 'administrator',
      'PATCH /api/v1/devices/{id}': 'administrator',
      'POST /api/v1/devices/{id}/credentials': 'administrator',
      'POST /api/v1/devices/{id}/credentials/{credentialId}/revoke': 'administrator',
      'POST /api/v1/devices/{id}/revoked-certificates': 'administrator',
      'POST /api/v1/claims': 'administrator',
      'POST /api/v1/claims/{id}/cancel': 'administrator',
      'POST /api/v1/quarantine/{id}/register': 'administrator',
      'POST /api/v1/devices/{id}/commands': 'administrator operator supervisor',
      'POST /api/v1/devices/{id}/commands/{commandId}/cancel': 'administrator operator supervisor',
      'PUT /api/v1/devices/{id}/rules/{ruleKey}': 'administrator supervisor',
      'POST /api/v1/devices/{id}/rules/{ruleKey}/revert': 'administrator supervisor',
      'PUT /api/v1/points/{pointId}/rules/{ruleKey}': 'administrator supervisor',
      'POST /api/v1/points/{pointId}/rules/{ruleKey}/revert': 'administrator supervisor',
      'PUT /api/v1/sites/{id}/rules/{profile}/{ruleKey}': 'administrator supervisor',
      'POST /api/v1/sites/{id}/rules/{profile}/{ruleKey}/revert': 'administrator supervisor',
      'POST /api/v1/catalogue/reload': 'administrator',
      'POST /api/v1/alarms/{id}/acknowledge': handlers,
      'POST /api/v1/alarms/{id}/reset': handlers,
      'POST /api/v1/alarms/{id}/comment': handlers,
      'POST /api/v1/alarms/{id}/confirm': handlers,
      'POST /api/v1/alarms/{id}/silence': handlers,
      'POST /api/v1/alarms/{id}/withdraw-acknowledgement': handlers,
      'POST /api/v1/alarms/{id}/acceptance': handlers,
      'PUT /api/v1/fire-units/{id}': 'administrator',
      'PUT /api/v1/fire-units/{id}/contacts': 'administrator',
      'POST /api/v1/fire-units/{id}/places': 'administrator',
      'PUT /api/v1/fire-units/{id}/places/{placeId}': 'administrator',
      'POST /api/v1/fire-units/{id}/places/{placeId}/remove': 'administrator',
      'PUT /api/v1/fire-units/{id}/places/{placeId}/plan': 'administrator',
      'POST /api/v1/fire-units/{id}/places/{placeId}/plan/remove': 'administrator',
      'POST /api/v1/fire-units/{id}/components': 'administrator',
      'POST /api/v1/fire-units/{id}/components/import': 'administrator',
      'PATCH /api/v1/fire-units/{id}/components/{componentId}': 'administrator',
      'POST /api/v1/fire-units/{id}/components/{componentId}/remove': 'administrator',
      'POST /api/v1/alarms/{id}/shelve': shelvers,
      'POST /api/v1/alarms/{id}/unshelve': shelvers,
      'POST /api/v1/alarms/{id}/out-of-service': maintainers,
      'POST /api/v1/alarms/{id}/in-service': maintainers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/shelve': shelvers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/unshelve': shelvers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/out-of-service': maintainers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/in-service': maintainers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/disable': maintainers,
      'POST /api/v1/devices/{id}/rules/{ruleKey}/enable': maintainers,
      // The door; behind it each act names who may agree to it, and nobody agrees to their own request.
      'POST /api/v1/approvals/{id}/approve': handlers,
      'POST /api/v1/approvals/{id}/reject': handlers,
      'POST /api/v1/dead-letters/{id}/replay': 'administrator',
      'POST /api/v1/users': 'administrator',
      'POST /api/v1/users/{id}/disable': 'administrator',
      'POST /api/v1/users/{id}/enable': 'administrator',
      'PUT /api/v1/users/{id}/password': 'administrator',
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type OpenAPIObject } from '@nestjs/swagger';
import { ManualClock } from '@watchfire/testing';
import { Centre } from '../testing/centre.js';
import { operations, type Operation } from '../testing/operations.js';

let centre: Centre;
let document: OpenAPIObject;
let all: Operation[];
beforeAll(async () => {
  centre = await Centre.open(new ManualClock());
  document = (await centre.get('openapi.json')).body as unknown as OpenAPIObject;
  all = operations(document);
});
afterAll(() => centre.close());

/** Not an act of a person; repeated by the event ids in it. */
const CALLBACK = 'POST /api/v1/callbacks/{integration}';
/** Signing in and provisioning are audited where it is known who it was; a lost answer is asked for in the same words. */
const AUDITED_BY_ITSELF = new Set(['POST /api/v1/auth/login', 'POST /api/v1/provisioning', CALLBACK]);
const PUBLIC = [
  'POST /api/v1/auth/login',
  'POST /api/v1/provisioning',
  CALLBACK,
  'GET /api/v1/callbacks/{integration}',
  'GET /api/v1/server/info',
  'GET /api/v1/openapi.json',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
];

describe('the OpenAPI document', () => {
  test('names every part of a path', () => {
    const unnamed = Object.entries(document.paths).flatMap(([path, item]) =>
      [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) =>
        Object.values(item as Readonly<Record<string, { parameters?: { name: string; in: string }[] }>>)
          .filter(({ parameters = [] }) => !parameters.some((one) => one.name === name && one.in === 'path'))
          .map(() => `${path}: ${name}`),
      ),
    );
    expect(unnamed).toEqual([]);
  });

  test('has the routes of the contract', () => {
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...PUBLIC,
        'POST /api/v1/auth/logout',
        'GET /api/v1/auth/session',
        'GET /api/v1/grid',
        'POST /api/v1/enterprises',
        'POST /api/v1/sites',
        'POST /api/v1/devices',
        'GET /api/v1/devices/{id}/points',
        'POST /api/v1/devices/{id}/credentials',
        'GET /api/v1/quarantine',
        'GET /api/v1/points/{pointId}/history',
        'GET /api/v1/devices/{id}/commands',
        'POST /api/v1/devices/{id}/commands',
        'POST /api/v1/devices/{id}/commands/{commandId}/cancel',
        'PUT /api/v1/devices/{id}/rules/{ruleKey}',
        'GET /api/v1/alarms/{id}/events',
        'POST /api/v1/alarms/{id}/acknowledge',
        'POST /api/v1/alarms/{id}/shelve',
        'POST /api/v1/devices/{id}/rules/{ruleKey}/out-of-service',
        'POST /api/v1/approvals/{id}/approve',
        'POST /api/v1/dead-letters/{id}/replay',
      ]),
    );
  });

  test('says of every route what it does, who may call it and what it answers', () => {
    for (const { name, operation } of all) {
      expect([name, operation.summary]).toEqual([name, expect.stringMatching(/^\S.{5,}/)]);
      const isPublic = PUBLIC.includes(name);
      expect([name, operation.security?.length ?? 0]).toEqual([name, isPublic ? 0 : 2]);
      const success = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      // Where a second person may have to agree, the request of the first is accepted (202) instead of done.
      const done = success.length > 1 ? success.filter((status) => status !== '202') : success;
      expect([name, done.length]).toEqual([name, 1]);
      expect([name, operation.responses]).toEqual([
        name,
        expect.objectContaining({ default: expect.anything() }),
      ]);
    }
  });

  test('offers an Idempotency-Key on everything that changes something', () => {
    for (const { name, operation, method } of all) {
      const offered = operation.parameters?.some((each) => 'name' in each && each.name === 'Idempotency-Key');
      expect([name, offered ?? false]).toEqual([name, method !== 'GET' && !AUDITED_BY_ITSELF.has(name)]);
    }
  });

  test('is whole: ids of operations are unique, parameters are declared, references lead somewhere', () => {
    expect(document.openapi).toMatch(/^3\.0\./);
    expect(document.info).toMatchObject({ title: 'Watchfire', version: '1.2.3' });
    const ids = all.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of all) {
      const declared = (operation.parameters ?? []).flatMap((each) =>
        'in' in each && each.in === 'path' ? [each.name] : [],
      );
      const used = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([path, declared.toSorted()]).toEqual([path, used.toSorted()]);
    }
    const known = new Set(Object.keys(document.components?.schemas ?? {}));
    const referenced = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(referenced.length).toBeGreaterThan(20);
    for (const ref of referenced) {
      expect([ref, known.has(ref?.replace('#/components/schemas/', '') ?? '')]).toEqual([ref, true]);
    }
  });
});

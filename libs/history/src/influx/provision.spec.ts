import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { InfluxConnection } from './influx-connection.js';
import { type InfluxServer } from './influx-server.js';
import { commandsOf, provision } from './provision.js';

const DAYS = { samples: 90, minutes: 730, hours: 3_660 };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Answer = readonly [status: number, body: unknown];

/** A server that answers each request by a function, and the requests that it got. */
async function server(
  api: InfluxServer['api'],
  answer: (request: string, body: unknown) => Answer,
): Promise<{ connection: InfluxConnection; requests: string[] }> {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += String(part)));
    request.on('end', () => {
      const name = `${request.method} ${request.url}`;
      requests.push(text === '' ? name : `${name} ${text}`);
      const [status, body] = answer(name, text === '' ? undefined : JSON.parse(text));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const connection = new InfluxConnection({ url, token: 't', org: 'o', bucket: 'watchfire', api });
  cleanups.push(() => {
    connection.close();
    http.closeAllConnections();
    return new Promise((resolve) => http.close(resolve));
  });
  return { connection, requests };
}

describe('places of InfluxDB 2', () => {
  it('[HI31] are buckets: missing ones are made, and a retention that is another is changed', async () => {
    const { connection, requests } = await server('v2', (request) => {
      if (request.startsWith('GET /api/v2/orgs')) return [200, { orgs: [{ id: 'org1' }] }];
      if (request === 'GET /api/v2/buckets?org=o&name=watchfire') {
        return [200, { buckets: [{ id: 'b1', retentionRules: [] }] }];
      }
      if (request === 'GET /api/v2/buckets?org=o&name=watchfire%2Fminutes') {
        return [200, { buckets: [{ id: 'b2', retentionRules: [{ everySeconds: 730 * 86_400 }] }] }];
      }
      if (request.startsWith('GET')) return [404, { code: 'not found' }];
      return [201, {}];
    });
    expect(await provision(connection, DAYS)).toEqual([]);
    expect(requests.filter((request) => !request.startsWith('GET'))).toEqual([
      'PATCH /api/v2/buckets/b1 {"retentionRules":[{"type":"expire","everySeconds":7776000,"shardGroupDurationSeconds":604800}]}',
      'POST /api/v2/buckets {"orgID":"org1","name":"watchfire/hours","retentionRules":' +
        '[{"type":"expire","everySeconds":316224000,"shardGroupDurationSeconds":2592000}]}',
      'POST /api/v2/buckets {"orgID":"org1","name":"watchfire/alarms","retentionRules":[]}',
    ]);
  });

  it('[HI31] are left to an operator where the token may only write', async () => {
    const { connection } = await server('v2', () => [401, { code: 'unauthorized' }]);
    expect(await provision(connection, DAYS)).toEqual([
      'influx bucket create --org o --name watchfire --retention 90d --shard-group-duration 168h',
      'influx bucket create --org o --name watchfire/minutes --retention 730d --shard-group-duration 720h',
      'influx bucket create --org o --name watchfire/hours --retention 3660d --shard-group-duration 720h',
      'influx bucket create --org o --name watchfire/alarms',
    ]);
  });
});

describe('places of InfluxDB 3', () => {
  it('[HI31] are databases; one that is there stays as it is', async () => {
    const { connection, requests } = await server('v3', (_, body) =>
      (body as { db: string }).db === 'watchfire'
        ? [409, 'attempted to create a resource that already exists']
        : [200, {}],
    );
    expect(await provision(connection, DAYS)).toEqual([]);
    expect(requests.map((request) => request.split(' ').at(-1))).toEqual([
      '{"db":"watchfire","retention_period":"90d"}',
      '{"db":"watchfire_minutes","retention_period":"730d"}',
      '{"db":"watchfire_hours","retention_period":"3660d"}',
      '{"db":"watchfire_alarms"}',
    ]);
  });

  it('[HI31] are left to an operator where the token may not make them', async () => {
    const { connection } = await server('v3', () => [403, {}]);
    expect(await provision(connection, DAYS)).toHaveLength(4);
    expect((await provision(connection, DAYS))[1]).toBe(
      'influxdb3 create database --retention-period 730d watchfire_minutes',
    );
  });
});

it('[HI31] a server that is away is no reason to give commands', async () => {
  const away = { url: 'http://127.0.0.1:1', token: '', org: '', bucket: 'watchfire', api: 'v1' } as const;
  await expect(provision(new InfluxConnection(away), DAYS)).rejects.toMatchObject({ code: 'unreachable' });
});

it('[HI31] what an operator is told to type keeps names that need quotes', () => {
  const server = { url: '', token: '', org: "fire o'clock", bucket: 'a "b"', api: 'v2' } as const;
  expect(commandsOf(server, {})[0]).toBe(`influx bucket create --org 'fire o'\\''clock' --name 'a "b"'`);
  expect(commandsOf({ ...server, api: 'v1' }, {})[0]).toBe('CREATE DATABASE "a \\"b\\""');
});

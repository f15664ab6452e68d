import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeviceView, type Page, type DeadLetterView, type Value } from '@watchfire/contracts';
import { newClient, type UPayload } from 'sparkplug-client';
import { eventually } from '../support/eventually.js';
import { ClientsCentre } from './support/clients-centre.js';

interface Credential {
  readonly username: string;
  readonly password: string;
}
/** The package's own type of this comes to nothing under our compiler settings. */
interface Metric {
  readonly name: string;
  readonly type: 'Double' | 'Boolean';
  readonly value: number | boolean;
  readonly timestamp: number;
}
const REBIRTH = 'Node Control/Rebirth';

/** An edge node as its maker builds it with the npm client: it answers a rebirth request, and takes over what is written. */
class EdgeNode {
  readonly #client;
  readonly written: {
    readonly device: string | undefined;
    readonly name: string;
    readonly value: unknown;
  }[] = [];
  births = 0;
  /** Whether it is born when it has connected, or only when it is asked. */
  bornByItself = true;
  conc = 1;

  constructor(
    port: number,
    credential: Credential,
    private readonly at: () => number,
  ) {
    this.#client = newClient({
      serverUrl: `mqtt://127.0.0.1:${port}`,
      ...credential,
      groupId: 'plant',
      edgeNode: credential.username,
      clientId: credential.username,
      publishDeath: true,
    });
    this.#client.on('error', () => undefined);
    this.#client.on('birth', () => {
      if (this.bornByItself) this.#birth();
    });
    this.#client.on('ncmd', (payload) => this.#taken(undefined, payload));
    this.#client.on('dcmd', (device, payload) => this.#taken(device, payload));
  }

  #birth(): void {
    this.births++;
    this.#client.publishNodeBirth({
      timestamp: this.at(),
      metrics: [
        { ...this.#conc(), alias: 1 },
        { name: REBIRTH, type: 'Boolean', value: false, timestamp: this.at() },
      ],
    });
    this.#client.publishDeviceBirth('detector', {
      timestamp: this.at(),
      metrics: [this.#conc(), { name: 'fault', type: 'Boolean', value: false, timestamp: this.at() }],
    });
  }

  #conc(): Metric {
    return { name: 'conc', type: 'Double', value: this.conc, timestamp: this.at() };
  }

  #taken(device: string | undefined, payload: UPayload): void {
    for (const { name, value, type } of payload.metrics as Metric[]) {
      if (name === REBIRTH) return this.#birth();
      this.written.push({ device, name, value });
      const report = {
        timestamp: this.at(),
        metrics: [{ name, value, type, timestamp: this.at() }],
      };
      if (device === undefined) this.#client.publishNodeData(report);
      else this.#client.publishDeviceData(device, report);
    }
  }

  data(conc: number): void {
    this.conc = conc;
    this.#client.publishNodeData({ timestamp: this.at(), metrics: [this.#conc()] });
  }

  stop(): void {
    this.#client.stop();
  }
}

describe.each([
  ['in front of the broker', true],
  ['through the broker', false],
])('sparkplug-client, publishes taken %s', (_where, splitter) => {
  let centre: ClientsCentre;
  let credential: Credential;
  let node: EdgeNode | undefined;
  let at = Date.now() - 60_000;
  const newNode = (): EdgeNode => new EdgeNode(centre.centre.options.mqttPort, credential, () => ++at);

  beforeAll(async () => {
    centre = await ClientsCentre.start(splitter);
    ({ credential } = await centre.device('node'));
    await centre.device('behind', { gatewayId: 'node', wireName: 'detector' });
  }, 90_000);
  afterAll(async () => {
    node?.stop();
    await centre?.end();
  });

  const connection = async (id: string): Promise<string> =>
    (await centre.api.get<DeviceView>(`/devices/${id}`)).connection;
  const concOf = async (id: string, count: number): Promise<readonly Value[]> =>
    (await centre.history(`${id}.conc`, count)).map(([, value]) => value);

  it('is born with the device behind it, and tells data once, with its time', async () => {
    node = newNode();
    expect(await concOf('node', 1)).toEqual([1]);
    expect(await concOf('behind', 1)).toEqual([1]);
    const before = await centre.journalled();
    node.data(2);
    expect(await centre.history('node.conc', 2)).toEqual([expect.anything(), [at, 2]]);
    expect(await centre.journalled()).toBe(before + 1);
    expect(await connection('behind')).toBe('online');
  }, 60_000);

  it('is written to, node and device, and its report is the reply', async () => {
    const toDevice = await centre.command('behind', 'write_attributes', { fault: true });
    expect(await centre.ended(toDevice)).toMatchObject({ state: 'succeeded' });
    const toNode = await centre.command('node', 'write_attributes', { conc: 3.5 });
    expect(await centre.ended(toNode)).toMatchObject({ state: 'succeeded' });
    expect(node?.written).toEqual([
      { device: 'detector', name: 'fault', value: true },
      { device: undefined, name: 'conc', value: 3.5 },
    ]);
  }, 60_000);

  it('is asked for its birth by a server that has been killed and knows nothing of it any more', async () => {
    if (node === undefined) throw new Error('no node');
    node.bornByItself = false;
    const { births } = node;
    await centre.centre.server.kill9();
    await centre.centre.startAgain();
    centre.api = await centre.centre.signIn();
    await eventually(
      async () => {
        // Until the client has come back, what is published waits in it.
        if (node?.births === births) node.data(4);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return node?.births;
      },
      // What waited in the client may come before its answer, and be answered with one more request: harmless.
      (now) => (now ?? 0) > births,
      'a rebirth',
    );
    await eventually(
      () => concOf('behind', 2),
      (values) => values.at(-1) === 4,
      'the value of the birth',
    );
    const { items } = await centre.api.get<Page<DeadLetterView>>('/dead-letters?limit=100');
    expect(items.some(({ code, deviceId }) => code === 'birth_missing' && deviceId === 'node')).toBe(true);
  }, 60_000);

  it('takes the device behind it away when it dies, and is sent what waited when both are born again', async () => {
    node?.stop();
    await eventually(
      () => connection('behind'),
      (state) => state === 'offline',
      'the death',
    );
    expect(await connection('node')).toBe('offline');
    const toDevice = await centre.command('behind', 'write_attributes', { fault: true });
    const toNode = await centre.command('node', 'write_attributes', { conc: 5.5 });
    expect([toDevice.state, toNode.state]).toEqual(['accepted', 'accepted']);
    node = newNode();
    expect(await centre.ended(toNode)).toMatchObject({ state: 'succeeded' });
    expect(await centre.ended(toDevice)).toMatchObject({ state: 'succeeded' });
  }, 60_000);
});

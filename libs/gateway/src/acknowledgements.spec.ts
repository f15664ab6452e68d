import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Acknowledgements, type Acknowledged } from './acknowledgements.js';

/** Keeps what it was sent as it was given, without looking at it: a buffer that is filled again meanwhile would show. */
class Client {
  readonly written: Uint8Array[] = [];
  settled = 0;
  readonly connection: Acknowledged = {
    write: (packets) => this.written.push(packets),
    settle: (publishes) => (this.settled += publishes),
  };

  get bytes(): number[] {
    return this.written.flatMap((packets) => [...packets]);
  }
}

const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ client: fc.nat(3), qos: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ closes: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.record({ decides: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ decides: fc.nat(4), fails: fc.constant(true) }) },
);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('[IN32] acknowledgements of publishes', () => {
  it('go out in the order in which these came, none before its work is done, and none of what failed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 200, size: 'max' }), async (acts) => {
        const clients = Array.from({ length: 4 }, () => new Client());
        const failures = new Set<Client>();
        const acknowledgements = new Acknowledgements<Client>(
          1e6,
          () => 0,
          (client) => failures.add(client),
        );
        const works: { decide: (fails: boolean) => void }[] = [];
        const batches: { added: [Client, number, number][]; state?: 'done' | 'failed' }[] = [{ added: [] }];
        let packetId = 0;
        const close = (): void => {
          const batch = batches.at(-1)!;
          const work = new Promise<void>((resolve, reject) => {
            const decide = (fails: boolean): void => {
              batch.state = fails ? 'failed' : 'done';
              if (fails) reject(new Error('disk'));
              else resolve();
            };
            works.push({ decide });
          });
          acknowledgements.close(work);
          batches.push({ added: [] });
        };
        const check = async (): Promise<void> => {
          await turn();
          const expected = new Map(clients.map((client) => [client, [] as number[]]));
          const failed = new Set<Client>();
          for (const { added, state } of batches) {
            if (state === undefined) break;
            for (const [client, id, qos] of added) {
              if (state === 'failed') failed.add(client);
              else if (qos > 0) expected.get(client)!.push(qos === 1 ? 0x40 : 0x50, 2, id >> 8, id & 0xff);
            }
          }
          for (const client of clients) expect(client.bytes).toEqual(expected.get(client));
          expect(failures).toEqual(failed);
        };
        for (const each of acts) {
          if ('client' in each) {
            const client = clients[each.client]!;
            packetId = (packetId % 65_535) + 1;
            batches.at(-1)!.added.push([client, packetId, each.qos]);
            acknowledgements.add(client, packetId, each.qos);
          } else if ('closes' in each) {
            close();
          } else {
            works.splice(each.decides % (works.length || 1), 1)[0]?.decide('fails' in each);
            await check();
          }
        }
        close();
        for (const { decide } of works.splice(0)) decide(false);
        await acknowledgements.idle();
        await check();
        const published = (client: Client): number =>
          batches.reduce(
            (sum, { added, state }) =>
              sum + (state === 'done' ? added.filter(([by]) => by === client).length : 0),
            0,
          );
        for (const client of clients) expect(client.settled).toBe(published(client));
        acknowledgements.stop();
      }),
      { numRuns: 200 },
    );
  });
});

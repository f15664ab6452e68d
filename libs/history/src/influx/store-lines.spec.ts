import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SendLines, storeLines } from './store-lines.js';
import { type Refusal } from './write-answer.js';

const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  reason: 'refused',
  tooLong: false,
  ofLines: true,
  named: new Map(),
  dropped: undefined,
  ...more,
});

/** How servers treat a request with bad lines in it. */
const MANNERS = {
  'refuses all of it': () => ({ keeps: false, refusal: refusal() }),
  'keeps the good ones and counts the bad': (bad: readonly number[]) => ({
    keeps: true,
    refusal: refusal({ dropped: bad.length }),
  }),
  'keeps the good ones and names the bad': (bad: readonly number[]) => ({
    keeps: true,
    refusal: refusal({ named: new Map(bad.map((index) => [index, `bad ${index}`])) }),
  }),
  'names the first bad one': (bad: readonly number[]) => ({
    keeps: false,
    refusal: refusal({ named: new Map([[bad[0]!, 'bad']]) }),
  }),
} as const;

/** A server after one of these manners, which takes no more than `most` lines. */
function server(manner: keyof typeof MANNERS, isBad: (line: string) => boolean, most = Infinity) {
  const stored = new Set<string>();
  let requests = 0;
  const send: SendLines = (lines) => {
    requests += 1;
    if (lines.length === 0) throw new Error('an empty request');
    if (lines.length > most) return Promise.resolve(refusal({ tooLong: true }));
    const bad = lines.flatMap((line, index) => (isBad(line) ? [index] : []));
    const answer = bad.length === 0 ? { keeps: true, refusal: undefined } : MANNERS[manner](bad);
    if (answer.keeps) for (const line of lines) if (!isBad(line)) stored.add(line);
    return Promise.resolve(answer.refusal);
  };
  return { send, stored, requests: () => requests };
}

const line = (point: number, value: string, time: number): string =>
  `telemetry,device=d,point=p${point} q=0i,rx=1i,${value} ${time}000000`;

describe('storing lines', () => {
  it('[HI30] finds exactly the bad ones and stores all others, however the server behaves', async () => {
    const bad = fc.array(fc.nat(299), { maxLength: 12 });
    const manner = fc.constantFrom(...(Object.keys(MANNERS) as (keyof typeof MANNERS)[]));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(299),
        bad,
        manner,
        fc.constantFrom(1, 7, Infinity),
        async (count, at, how, most) => {
          const lines = Array.from({ length: count }, (_, index) => line(index % 5, `v=${index}`, index));
          const poison = new Set(at.map((index) => lines[index % Math.max(count, 1)]!));
          const { send, stored } = server(how, (text) => poison.has(text), most);
          const refused = await storeLines(lines, send);
          expect([...refused.keys()].sort((a, b) => a - b)).toEqual(
            lines.flatMap((text, index) => (poison.has(text) ? [index] : [])),
          );
          expect(stored).toEqual(new Set(lines.filter((text) => !poison.has(text))));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[HI30] asks once where nothing is wrong, and no more than twice the depth for one bad line', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => line(index, 'v=1', index));
    const fine = server('refuses all of it', () => false);
    expect((await storeLines(lines, fine.send)).size).toBe(0);
    expect(fine.requests()).toBe(1);
    const one = server('refuses all of it', (text) => text === lines[3_210]);
    expect([...(await storeLines(lines, one.send)).keys()]).toEqual([3_210]);
    expect(one.requests()).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(5_000)) + 1);
  });

  it('[HI30] settles many lines with one thing wrong in few requests', async () => {
    // Every other line is of a type that the server knows otherwise.
    const lines = Array.from({ length: 5_000 }, (_, index) =>
      line(index % 50, index % 2 === 0 ? 'v=1' : 's="a b=c, \\" d"', index),
    );
    const isText = (text: string): boolean => text.includes(',s="');
    const { send, stored, requests } = server('keeps the good ones and counts the bad', isText);
    expect((await storeLines(lines, send)).size).toBe(2_500);
    expect(stored.size).toBe(2_500);
    expect(requests()).toBeLessThan(60);
  });

  it('[HI30] gives up on single lines where there are too many of them, and says so', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => line(index, 'v=1', index));
    const { send, stored, requests } = server('refuses all of it', (text) => lines.indexOf(text) % 3 === 0);
    const refused = await storeLines(lines, send);
    expect(requests()).toBeLessThan(2_100);
    expect(refused.size + stored.size).toBe(5_000);
    expect([...refused.values()].at(-1)).toBe('refused (not tried alone)');
    for (const [index] of refused) expect(stored.has(lines[index]!)).toBe(false);
  }, 30_000);

  it('[HI30] keeps the order of lines for one point', async () => {
    const lines = [line(1, 'v=1', 5), line(0, 'v=9', 5), line(1, 'v=2', 5), line(0, 's="x"', 5)];
    const sent: (readonly string[])[] = [];
    const { send } = server('refuses all of it', (text) => text === lines[3]);
    await storeLines(lines, (part) => {
      sent.push(part);
      return send(part);
    });
    const last = new Map(
      sent.slice(1).flatMap((part) => part.map((text) => [text.split(' ')[0], text] as const)),
    );
    expect(last.get('telemetry,device=d,point=p1')).toBe(lines[2]);
  });

  it('[HI30] gives no line up where nothing says that it is for the line', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => line(index, 'v=1', index));
    const send: SendLines = () => Promise.resolve(refusal({ ofLines: false }));
    await expect(storeLines(lines, send)).rejects.toMatchObject({ code: 'refused', retryable: true });
    await expect(storeLines(lines.slice(0, 1), send)).rejects.toMatchObject({
      code: 'refused',
      retryable: true,
    });
    // One of them was taken: then it is for the others.
    const { send: some } = server('refuses all of it', (text) => text !== lines[7]);
    const refused = await storeLines(lines, async (part) => {
      const answer = await some(part);
      return answer && { ...answer, ofLines: false };
    });
    expect(refused.size).toBe(99);
  });
});

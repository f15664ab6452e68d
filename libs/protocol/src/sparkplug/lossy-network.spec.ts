import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type DialectResult } from '../dialect.js';
import { decodeLimits } from '../limits.js';
import { Datatype } from './datatype.js';
import { sparkplugLimits } from './limits.js';
import { encodePayload, type Metric } from './payload.js';
import { openSparkplugNode } from './sparkplug.js';

const T = 1_735_689_600_000;
const NAMES = ['a', 'b', 'c'];

interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly kind: 'birth' | 'data';
  /** Counts births of the node: data belongs to the last one before it. */
  readonly era: number;
  readonly seq: number;
}

/**
 * A node with two devices that gives out its aliases anew with every birth. Every value is the number of its metric, so that a
 * value under a wrong name is a stale alias.
 */
class ModelNode {
  era = 0;
  private seq = 0;
  private at = T;
  private readonly aliases = new Map<string, number>();

  birth(startsAt: number | undefined, shift: number): Message[] {
    this.era++;
    if (startsAt !== undefined) this.seq = startsAt;
    const owners = ['', 'd1', 'd2'];
    const count = owners.length * NAMES.length;
    owners.forEach((owner, i) => {
      NAMES.forEach((name, j) =>
        this.aliases.set(owner + name, ((i * NAMES.length + j + shift) % count) + 1),
      );
    });
    const metrics = (owner: string): Metric[] =>
      NAMES.map((name) => ({
        name,
        alias: this.aliases.get(owner + name) ?? 0,
        datatype: Datatype.Int32,
        value: { kind: 'int', value: valueOf(owner, name) },
      }));
    return owners.map((owner) => this.message(owner === '' ? 'NBIRTH' : 'DBIRTH', owner, metrics(owner)));
  }

  data(owner: string): Message {
    const metrics = NAMES.map((name): Metric => ({
      alias: this.aliases.get(owner + name) ?? 0,
      value: { kind: 'int', value: valueOf(owner, name) },
    }));
    return this.message(owner === '' ? 'NDATA' : 'DDATA', owner, metrics);
  }

  private message(type: string, owner: string, metrics: Metric[]): Message {
    this.at += 10;
    const seq = this.seq;
    this.seq = (this.seq + 1) % 256;
    return {
      topic: `spBv1.0/g/${type}/n${owner === '' ? '' : `/${owner}`}`,
      payload: encodePayload({ timestamp: this.at, metrics, seq }),
      kind: type === 'NBIRTH' ? 'birth' : 'data',
      era: this.era,
      seq,
    };
  }
}

function valueOf(owner: string, name: string): number {
  return ['', 'd1', 'd2'].indexOf(owner) * 100 + NAMES.indexOf(name);
}

/** Every value under the name and device that the node meant. */
function expectTrueNames(result: DialectResult): void {
  for (const uplink of result.uplinks) {
    if (uplink.kind !== 'telemetry') continue;
    for (const [name, value] of Object.entries(uplink.message.values)) {
      expect(value).toBe(valueOf(uplink.child ?? '', name));
    }
  }
}

const fate = fc.constantFrom('deliver', 'deliver', 'deliver', 'lose', 'twice', 'late');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ owner: fc.constantFrom('', 'd1', 'd2'), fate }) },
  {
    weight: 1,
    arbitrary: fc.record({ shift: fc.nat(8), startsAt: fc.option(fc.nat(255), { nil: undefined }), fate }),
  },
);

describe('an edge node over a network that loses, repeats and reorders', () => {
  it('[SB5] no stale alias is ever used, and after a loss nothing is believed before a birth that was asked for', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const node = new ModelNode();
        const session = openSparkplugNode('n', decodeLimits);
        let now = T;
        let held: Message | undefined;
        // What the model of the host knows: the last message that followed without a gap, since which birth.
        let next: { era: number; seq: number } | undefined;
        let askedAt = -Infinity;
        let asked = false;

        const deliver = (message: Message): void => {
          now += sparkplugLimits.rebirthRepeatMs;
          const result = session.receive(message.topic, message.payload, now);
          if (result === undefined) throw new Error(message.topic);
          expectTrueNames(result);
          const believed = result.uplinks.some((uplink) => uplink.kind === 'telemetry');
          if (message.kind === 'birth') {
            if (believed) next = { era: message.era, seq: (message.seq + 1) % 256 };
            else next = undefined;
          } else {
            const follows = next?.era === message.era && next.seq === message.seq;
            if (believed) expect(follows).toBe(true);
            if (follows) next = { era: message.era, seq: (message.seq + 1) % 256 };
            else {
              next = undefined;
              // Whatever was lost, the answer to the first message after it asks for a rebirth.
              expect(result.answers).toHaveLength(1);
            }
          }
          if (result.answers.length > 0) {
            asked = true;
            askedAt = now;
          }
        };
        const send = (message: Message, of: string): void => {
          if (of === 'late') held ??= message;
          else if (of !== 'lose') deliver(message);
          if (of === 'twice') deliver(message);
          if (of !== 'late' && held !== undefined) {
            const late = held;
            held = undefined;
            deliver(late);
          }
        };

        for (const message of node.birth(0, 0)) deliver(message);
        for (const planned of steps) {
          if ('owner' in planned) send(node.data(planned.owner), planned.fate);
          // A node is born again when it was asked, from any number; of its own will it goes on counting.
          else {
            const births = node.birth(asked ? planned.startsAt : undefined, planned.shift);
            births.forEach((message, i) => send(message, i === 0 ? planned.fate : 'deliver'));
            asked = false;
          }
        }
        expect(askedAt).toBeLessThanOrEqual(now);
      }),
      { numRuns: 200 },
    );
  });

  it('[SB2] never throws, and says of every message what became of it', () => {
    const session = openSparkplugNode('n', decodeLimits);
    const node = new ModelNode();
    const real = [...node.birth(0, 0), node.data(''), node.data('d1')].map(({ payload }) => payload);
    const mangled = fc
      .tuple(fc.constantFrom(...real), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([payload, edits]) => {
        const copy = Uint8Array.from(payload);
        for (const [place, byte] of edits) copy[place % copy.length] = byte;
        return copy;
      });
    const type = fc.constantFrom('NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA');
    fc.assert(
      fc.property(
        type,
        fc.oneof(fc.uint8Array({ maxLength: 80 }), mangled),
        fc.nat(),
        (kind, payload, at) => {
          const device = kind.startsWith('D') ? '/d1' : '';
          const result = session.receive(`spBv1.0/g/${kind}/n${device}`, payload, at);
          if (result === undefined) throw new Error('not taken');
          if (kind !== 'NBIRTH' && kind !== 'DBIRTH') {
            expect(result.uplinks.length + result.refusals.length).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

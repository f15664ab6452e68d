import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadFireDialects } from '@watchfire/catalogue';
import {
  COMMAND,
  decodeAdu,
  type Deviation,
  encodeAdu,
  type Frame,
  type InformationObject,
  LAYOUTS,
  type ObjectKind,
  ourTime,
  replyKind,
  STANDARD,
} from '@watchfire/protocol';
import { Random } from '../random.js';
import { FirePanel, ordinaryComponents } from './fire-panel.js';
import { type AnsweringDevice, replyTo } from './panel-answers.js';

const NOW = Date.parse('2026-11-28T10:00:00+08:00');
let dialects: Deviation[];
beforeAll(async () => {
  dialects = [...(await loadFireDialects('config/catalogue/fire')).values()].map(
    ({ deviation }) => deviation,
  );
});

function device(deviation: Deviation): AnsweringDevice {
  const panel = new FirePanel(ordinaryComponents(deviation, new Random('answers')), deviation);
  const time = ourTime(deviation, NOW);
  return { panel, deviation, time, operations: [{ operations: 1, operator: 1, time }] };
}

/** Asks for everything about the second component, which measures a temperature, or its system. */
function ask(kind: ObjectKind, of: AnsweringDevice, more: object = {}) {
  const object = {
    ...of.panel.components[1],
    reserved: 0,
    records: 5,
    from: ourTime(of.deviation, 0 + NOW - 1_000),
  };
  const adu = encodeAdu(kind, [{ ...object, ...more } as never]);
  const frame = { serial: 9, command: COMMAND.request, adu } as Frame;
  const reply = replyTo(frame, of);
  return reply && { command: reply.command, ...decodeAdu(reply.adu, of.deviation, NOW) };
}

const REQUESTS = (Object.keys(LAYOUTS) as ObjectKind[]).filter((kind) => replyKind(kind) !== undefined);

describe('requests of the centre', () => {
  test('61 to 88 are each answered with the type that was asked for, by every profile', () => {
    expect(REQUESTS).toHaveLength(13);
    for (const deviation of dialects) {
      for (const kind of REQUESTS) {
        const reply = ask(kind, device(deviation));
        expect([deviation.key, kind, reply?.command]).toEqual([deviation.key, kind, COMMAND.reply]);
        expect(reply?.problems).toEqual([]);
        expect(reply?.objects[0]?.kind).toBe(replyKind(kind));
      }
    }
  });

  test('a state is that of the component and, of the system, of all its components', () => {
    const of = device(STANDARD);
    const [, component, other] = of.panel.components;
    if (component === undefined || other === undefined) throw new Error('too few components');
    of.panel.set(component, ['fire']);
    of.panel.set(other, ['fault']);
    const status = (kind: ObjectKind) =>
      (ask(kind, of)?.objects[0] as InformationObject<'component-state'>).status;
    expect(status('read-component-state')).toBe(0b11);
    expect(status('read-system-state')).toBe(0b111);
  });

  test('who is not there does not answer', () => {
    const of = device(STANDARD);
    expect(ask('read-component-state', of, { componentAddress: 0xffff })).toBeUndefined();
    expect(ask('read-system-state', of, { systemAddress: 9 })).toBeUndefined();
    expect(ask('read-component-analog', of, of.panel.components[0])).toBeUndefined();
  });
});

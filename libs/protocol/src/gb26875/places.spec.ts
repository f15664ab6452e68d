import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeAdu } from './adu.js';
import { FireConversation, type Heard } from './conversation.js';
import { STANDARD } from './deviation.js';
import { COMMAND, type Frame } from './frame.js';
import { fixedText } from './gb18030.js';
import { StateBook, type UnitValues } from './state-book.js';
import { type StateObject } from './subject.js';
import { timeLabel } from './time-label.js';

const NOW = Date.parse('2026-11-28T10:00:00+08:00');
const time = timeLabel(NOW);
let serial = 0;
const frame = (adu: Uint8Array): Frame => ({
  serial: serial++,
  mainVersion: 1,
  userVersion: 1,
  sentAt: time.raw,
  source: 889,
  destination: 1,
  command: COMMAND.send,
  adu,
});

type Part = readonly [address: number, status: number, description?: string];
const component = ([componentAddress, status, description = '']: Part): StateObject => ({
  kind: 'component-state',
  systemType: 1,
  systemAddress: 1,
  componentType: 40,
  componentAddress,
  status,
  description: fixedText(description),
  time,
});
const components = (...parts: readonly Part[]): Uint8Array =>
  encodeAdu(
    'component-state',
    parts.map((part) => component(part) as Extract<StateObject, { kind: 'component-state' }>),
  );
const system = (...statuses: readonly number[]): Uint8Array =>
  encodeAdu(
    'system-state',
    statuses.map((status) => ({ systemType: 1, systemAddress: 1, status, time })),
  );
const device = (status: number): Uint8Array => encodeAdu('device-state', [{ status, time }]);
const key = (operations: number): Uint8Array =>
  encodeAdu('facility-operation', [{ systemType: 1, systemAddress: 1, operations, operator: 1, time }]);
const deviceKey = (operations: number): Uint8Array =>
  encodeAdu('device-operation', [{ operations, operator: 1, time }]);

const PRESSED = 0b100;
const CLEARED = 0b1000;
const stepsOf = ({ meanwhile = [], values }: Heard): readonly Partial<UnitValues>[] =>
  values === undefined ? [] : [...meanwhile, values];
const hear = (conversation: FireConversation, adu: Uint8Array): readonly Partial<UnitValues>[] =>
  stepsOf(conversation.hear(frame(adu), NOW));
const fires = (steps: readonly Partial<UnitValues>[]): unknown[] =>
  steps.map(({ fire_count: count, fire_place: place }) => [count, place]);

type Said =
  | { readonly kind: 'component'; readonly parts: readonly Part[] }
  | { readonly kind: 'system'; readonly status: number }
  | { readonly kind: 'device'; readonly status: number }
  | { readonly kind: 'key'; readonly of: 's' | 'device'; readonly isPressed: boolean };

describe('the places that hold a signal', () => {
  it('[FI25] a place is what the device calls it, its type, and its printed address', () => {
    const conversation = new FireConversation(STANDARD);
    const smoke = hear(conversation, components([0x0002_000a, 2, ' 3层走廊\u0007 ']));
    expect(fires(smoke)).toEqual([[1, '3层走廊 感烟火灾探测器 1-1-10/2']]);
    expect(smoke[0]).toMatchObject({ fire: true, fault_count: 0, fault: false });
    expect(smoke[0]).not.toHaveProperty('fault_place');
    expect(fires(hear(conversation, components([7, 2])))).toEqual([[2, '感烟火灾探测器 1-1-7/0']]);
    expect(fires(hear(conversation, device(2)))).toEqual([[3, '用户信息传输装置']]);
    expect(fires(hear(conversation, key(PRESSED)))).toEqual([[4, '火灾报警系统 1-1 手动报警']]);
    expect(hear(conversation, system(4))).toMatchObject([
      { fault_count: 1, fault_place: '火灾报警系统 1-1', fire_count: 4 },
    ]);
  });

  it('[FI25] a system and the first of its components are one place, and it is called by the component', () => {
    const conversation = new FireConversation(STANDARD);
    expect(fires(hear(conversation, system(2)))).toEqual([[1, '火灾报警系统 1-1']]);
    expect(fires(hear(conversation, components([7, 2])))).toEqual([[1, '感烟火灾探测器 1-1-7/0']]);
    expect(fires(hear(conversation, components([8, 2])))).toEqual([[2, '感烟火灾探测器 1-1-8/0']]);
    // Said by the system again: nobody looks for the system.
    expect(fires(hear(conversation, system(0)))).toEqual([[2, '感烟火灾探测器 1-1-8/0']]);
    expect(fires(hear(conversation, system(2)))).toEqual([[2, '感烟火灾探测器 1-1-8/0']]);
  });

  it('[FI25] a key and the fire of its system are one place; beside a component that burns it is another', () => {
    const conversation = new FireConversation(STANDARD);
    const count = (adu: Uint8Array): unknown => hear(conversation, adu).at(-1)?.fire_count;
    expect([count(key(PRESSED)), count(system(2)), count(components([7, 2]))]).toEqual([1, 1, 2]);
    expect([count(key(CLEARED)), count(key(PRESSED)), count(key(PRESSED))]).toEqual([1, 2, 2]);
    expect([count(deviceKey(PRESSED)), count(device(2)), count(deviceKey(CLEARED))]).toEqual([3, 3, 3]);
  });

  it('[FI26] each rise within a frame is told, also one beside a place that ends', () => {
    const conversation = new FireConversation(STANDARD);
    const three = hear(conversation, components([1, 2], [2, 2], [3, 2]));
    expect(fires(three)).toEqual([
      [1, '感烟火灾探测器 1-1-1/0'],
      [2, '感烟火灾探测器 1-1-2/0'],
      [3, '感烟火灾探测器 1-1-3/0'],
    ]);
    expect(fires(hear(conversation, components([1, 0], [4, 2], [2, 0])))).toEqual([
      [2, '感烟火灾探测器 1-1-3/0'],
      [3, '感烟火灾探测器 1-1-4/0'],
      [2, '感烟火灾探测器 1-1-4/0'],
    ]);
    // The same component, again and again: every rise says where.
    expect(fires(hear(conversation, components([4, 0], [4, 2], [4, 0], [4, 2])))).toEqual([
      [1, '感烟火灾探测器 1-1-4/0'],
      [2, '感烟火灾探测器 1-1-4/0'],
      [1, '感烟火灾探测器 1-1-4/0'],
      [2, '感烟火灾探测器 1-1-4/0'],
    ]);
    const last = hear(conversation, components([3, 0], [4, 0], [5, 2]));
    expect(last.map(({ fire }) => fire)).toEqual([true, false, true]);
    // Nothing happened: what holds is told, once.
    expect(hear(conversation, components([5, 2], [6, 0]))).toHaveLength(1);
  });

  it('[FI25] [FI37] a private type that says fire once more is another occurrence, and the same place', () => {
    const name = { zh: '手报', en: 'Call point' };
    const types = new Map([[0x90, { name, says: 'fire' as const }]]);
    const conversation = new FireConversation({ ...STANDARD, types });
    const fire = Uint8Array.of(0x90, 1, 7);
    expect(fires(hear(conversation, fire))).toEqual([[1, '手报']]);
    expect(fires(hear(conversation, fire))).toEqual([
      [0, undefined],
      [1, '手报'],
    ]);
    expect(fires(hear(conversation, components([1, 2])))).toEqual([[2, '感烟火灾探测器 1-1-1/0']]);
  });

  it('[FI16] [FI26] what was not kept is told when it comes again, place by place, however often that fails', () => {
    const conversation = new FireConversation(STANDARD);
    const sent = frame(components([1, 2], [2, 2], [3, 2]));
    for (let time = 0; time < 3; time++) {
      const heard = conversation.hear(sent, NOW + time * 10_000);
      expect(new Set(fires(stepsOf(heard)).map(String)).size).toBe(3);
      expect(stepsOf(heard).length).toBeLessThanOrEqual(4);
      conversation.notKept(sent, heard);
    }
    const counts = stepsOf(conversation.hear(sent, NOW + 40_000)).map(({ fire_count: count }) => count);
    expect(counts).toEqual([1, 2, 3, 3]);
    expect(hear(conversation, components([3, 2]))).toHaveLength(1);
  });

  it('[FI26] values are told in the order in which an alarm needs them', () => {
    const told = Object.keys(hear(new FireConversation(STANDARD), components([1, 2]))[0] ?? {});
    expect(told.slice(0, 3)).toEqual(['fire_place', 'fire_count', 'fire']);
  });

  it('[FI25] what there was no room to remember is a place with every telling', () => {
    const book = new StateBook(STANDARD, [], 2);
    for (const address of [1, 2]) book.apply(component([address, 4]));
    book.apply(component([3, 2]));
    expect(book.values()).toMatchObject({ fire: true, fire_count: 1, fire_place: '感烟火灾探测器 1-1-3/0' });
    book.apply(component([4, 2]));
    expect(book.values()).toMatchObject({ fire_count: 2, fire_place: '感烟火灾探测器 1-1-4/0' });
    book.forget();
    expect(book.values()).toMatchObject({ fire: false, fire_count: 0 });
  });

  /** What a plain list of everything that was said comes to. */
  class Plain {
    private readonly masks = new Map<string, number>();
    private readonly keys = new Set<string>();

    hear(adu: Said): void {
      if (adu.kind === 'component') for (const [at, mask] of adu.parts) this.masks.set(`s/${at}`, mask);
      else if (adu.kind === 'system') this.masks.set('s', adu.status);
      else if (adu.kind === 'device') this.masks.set('device', adu.status);
      else if (adu.isPressed) this.keys.add(adu.of);
      else this.keys.delete(adu.of);
    }

    fires(): number {
      const has = (name: string): boolean => ((this.masks.get(name) ?? 0) & 2) !== 0;
      const burning = [...this.masks.keys()].filter((name) => name.startsWith('s/') && has(name)).length;
      const inSystem =
        burning > 0 ? burning + Number(this.keys.has('s')) : Number(has('s') || this.keys.has('s'));
      return inSystem + Number(has('device') || this.keys.has('device'));
    }
  }

  const mask = fc.nat(0b111);
  const said: fc.Arbitrary<Said> = fc.oneof(
    fc.record({
      kind: fc.constant('component' as const),
      parts: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), mask), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ kind: fc.constant('system' as const), status: mask }),
    fc.record({ kind: fc.constant('device' as const), status: mask }),
    fc.record({
      kind: fc.constant('key' as const),
      of: fc.constantFrom('s' as const, 'device' as const),
      isPressed: fc.boolean(),
    }),
  );
  const aduOf = (one: Said): Uint8Array => {
    if (one.kind === 'component') return components(...one.parts);
    if (one.kind === 'system') return system(one.status);
    if (one.kind === 'device') return device(one.status);
    return (one.of === 's' ? key : deviceKey)(one.isPressed ? PRESSED : CLEARED);
  };

  it('[FI25] [FI26] as many rises are told as places began, over restarts, and the signal holds while there is a place', () => {
    fc.assert(
      fc.property(fc.array(said, { maxLength: 30 }), fc.nat(30), (history, restartAt) => {
        let conversation = new FireConversation(STANDARD);
        const plain = new Plain();
        let count = 0;
        history.forEach((one, index) => {
          if (index === restartAt) conversation = new FireConversation(STANDARD, conversation.remembered());
          let edges = 0;
          const alone =
            one.kind === 'component' ? one.parts.map((part) => ({ ...one, parts: [part] })) : [one];
          for (const each of alone) {
            const before = plain.fires();
            plain.hear(each);
            edges += Math.max(0, plain.fires() - before);
          }
          let rises = 0;
          for (const { fire_count: told = count, fire = told > 0, fire_place: place } of hear(
            conversation,
            aduOf(one),
          )) {
            expect(told).toBeGreaterThanOrEqual(0);
            expect(fire).toBe(told > 0);
            if (told > count) {
              rises += told - count;
              expect(place).toMatch(/1-1|装置/);
            }
            count = told;
          }
          expect(rises).toBe(edges);
          expect(count).toBe(plain.fires());
        });
      }),
    );
  });
});

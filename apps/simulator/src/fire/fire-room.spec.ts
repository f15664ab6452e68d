import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadFireDialects } from '@watchfire/catalogue';
import {
  answerTo,
  COMMAND,
  decodeAdu,
  type Deviation,
  encodeAdu,
  encodeFrame,
  FireConversation,
  type Frame,
  FrameStream,
  type Heard,
  ourTime,
  STANDARD,
  type StreamItem,
  timeLabel,
} from '@watchfire/protocol';
import { ManualClock } from '../../test/manual-clock.js';
import { Scheduler } from '../field/scheduler.js';
import { Random } from '../random.js';
import { FirePanel, ordinaryComponents } from './fire-panel.js';
import { FireRoom, type RoomOptions } from './fire-room.js';

const ADDRESS = 260_000_001;
let dialects: Deviation[];
beforeAll(async () => {
  dialects = [...(await loadFireDialects('config/catalogue/fire')).values()].map(
    ({ deviation }) => deviation,
  );
});

/** A room, and the centre at the other end of its line. */
class Wire {
  readonly clock = new ManualClock();
  readonly scheduler = new Scheduler(this.clock);
  readonly heard: StreamItem[] = [];
  drops = 0;
  readonly room: FireRoom;
  confirms = false;
  private readonly stream: FrameStream;

  constructor(
    readonly deviation: Deviation = STANDARD,
    more: Partial<RoomOptions> = {},
    seed = 'spec',
  ) {
    const random = new Random(seed);
    const panel = new FirePanel(ordinaryComponents(deviation, random), deviation);
    const { scheduler } = this;
    const own = { address: ADDRESS, deviation, panel, scheduler, random, dutyAnswerMs: 45_000 };
    this.stream = new FrameStream({ commands: deviation.commands });
    this.room = new FireRoom({ ...own, ...more });
  }

  connect(): void {
    this.room.connected({ send: (bytes) => this.take(bytes), drop: () => void this.drops++ });
  }

  get detector() {
    const [first] = this.room.options.panel.components;
    if (first === undefined) throw new Error('no component');
    return first;
  }

  frames(): Frame[] {
    return this.heard.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []));
  }

  /** Frames with a state of a component. */
  states(): Frame[] {
    return this.frames().filter(({ adu }) => adu[0] === 2 && adu.length > 2);
  }

  say(frame: Pick<Frame, 'serial' | 'command' | 'adu'>): void {
    const sentAt = ourTime(this.deviation, this.clock.now()).raw;
    const bytes = encodeFrame({
      ...frame,
      ...{ mainVersion: 1, userVersion: 0, source: 88_888, destination: ADDRESS, sentAt },
    });
    this.room.receive(bytes);
  }

  answer(frame: Frame, command: number): void {
    const sentAt = ourTime(this.deviation, this.clock.now()).raw;
    this.room.receive(encodeFrame(answerTo(frame, { command, sentAt })));
  }

  private take(bytes: Uint8Array): void {
    for (const item of this.stream.push(bytes)) {
      this.heard.push(item);
      if (!this.confirms || item.kind === 'garbage') continue;
      this.answer(item.frame, item.kind === 'frame' ? COMMAND.confirm : COMMAND.deny);
    }
  }
}

describe('a report', () => {
  test('is the same frame four times, ten seconds apart, and then the line is given up', () => {
    const wire = new Wire();
    wire.connect();
    wire.room.happens(wire.detector, ['fire']);
    expect(wire.states()).toHaveLength(1);
    wire.clock.pass(9_900);
    expect(wire.states()).toHaveLength(1);
    wire.clock.pass(25_000);
    expect(wire.states()).toHaveLength(4);
    expect(wire.drops).toBe(0);
    wire.clock.pass(10_000);
    expect(wire.drops).toBe(1);
    const [first, ...repeats] = wire.states();
    for (const repeat of repeats) expect(repeat).toEqual(first);
  });

  test('waits for the one before, and goes on over another connection with its serial number', () => {
    const wire = new Wire();
    wire.connect();
    wire.room.happens(wire.detector, ['fire']);
    wire.room.happens(wire.detector, ['fire', 'fault']);
    wire.room.disconnected();
    wire.clock.pass(60_000);
    expect(wire.states()).toHaveLength(1);
    wire.connect();
    expect(wire.states()).toHaveLength(2);
    expect(wire.states()[1]).toEqual(wire.states()[0]);
    wire.answer(wire.states()[0] as Frame, COMMAND.confirm);
    expect(wire.states()).toHaveLength(3);
    wire.answer(wire.states()[2] as Frame, COMMAND.confirm);
    expect(wire.room.unconfirmed).toBe(0);
    wire.clock.pass(60_000);
    expect(wire.states()).toHaveLength(3);
  });

  test('that is denied comes again at once', () => {
    const wire = new Wire();
    wire.connect();
    wire.room.happens(wire.detector, ['fire']);
    wire.answer(wire.states()[0] as Frame, COMMAND.deny);
    expect(wire.states()).toHaveLength(2);
  });

  test.each([
    ['stale checksums', { staleChecksum: 1, split: 0, glued: 0 }],
    ['split frames', { staleChecksum: 0, split: 1, glued: 0 }],
    ['glued frames', { staleChecksum: 0, split: 0, glued: 1 }],
    ['all of it', { staleChecksum: 1, split: 1, glued: 1 }],
  ])('arrives through %s', (_, faults) => {
    for (let seed = 0; seed < 30; seed++) {
      const wire = new Wire(STANDARD, { wire: faults }, `wire ${seed}`);
      wire.confirms = true;
      wire.connect();
      for (let n = 0; n < 5; n++) wire.room.happens(wire.detector, n % 2 === 0 ? ['fire'] : []);
      wire.clock.pass(10_000);
      expect(wire.room.unconfirmed).toBe(0);
      expect(wire.states()).toHaveLength(5);
      const denied = wire.heard.filter(({ kind }) => kind === 'check-error');
      expect(denied).toHaveLength(faults.staleChecksum === 0 ? 0 : 5);
      expect(wire.heard.filter(({ kind }) => kind === 'garbage')).toEqual([]);
    }
  });

  test('has nothing between its segments', () => {
    const wire = new Wire(STANDARD, { wire: { staleChecksum: 0, split: 1, glued: 0 } });
    wire.confirms = true;
    wire.connect();
    wire.room.happens(wire.detector, ['fire']);
    // An order of the centre while half of the frame is on its way.
    wire.say({ serial: 4_711, command: COMMAND.control, adu: encodeAdu('duty-check', [{ minutes: 10 }]) });
    expect(wire.states()).toHaveLength(0);
    wire.clock.pass(1_000);
    expect(wire.heard.map(({ kind }) => kind)).toEqual(['frame', 'frame', 'frame']);
  });

  test('is the same with the same seed, and another with another', () => {
    const said = (seed: string): unknown => {
      const wire = new Wire(STANDARD, { wire: { staleChecksum: 0.5, split: 0.5, glued: 0.5 } }, seed);
      wire.confirms = true;
      wire.connect();
      for (const component of wire.room.options.panel.components) wire.room.happens(component, ['fault']);
      wire.clock.pass(30_000);
      return wire.heard;
    };
    expect(said('a')).toEqual(said('a'));
    expect(said('a')).not.toEqual(said('b'));
  });
});

describe('every shipped profile', () => {
  /** What the centre makes of everything that a room says when it connects and then has a fire. */
  const heardBy = (deviation: Deviation): Heard[] => {
    const wire = new Wire(deviation);
    wire.confirms = true;
    wire.connect();
    wire.room.happens(wire.detector, ['fire']);
    wire.room.happens(wire.detector, []);
    const centre = new FireConversation(deviation);
    return wire.frames().map((frame) => centre.hear(frame, wire.clock.now()));
  };

  test('is spoken so that the centre hears its habits, a fire and its end, and no test', () => {
    expect(dialects.length).toBeGreaterThanOrEqual(4);
    for (const deviation of dialects) {
      const heard = heardBy(deviation);
      expect(heard.map(({ means }) => means)).not.toContain('out-of-place');
      const said = new Set(heard.map(({ means }) => means));
      for (const { means } of deviation.habits)
        expect([deviation.key, said.has(means)]).toEqual([deviation.key, true]);
      const values = heard.flatMap((each) => (each.values === undefined ? [] : [each.values]));
      expect(values.map(({ fire, test: isTest }) => [deviation.key, fire, isTest])).toEqual([
        [deviation.key, true, false],
        [deviation.key, false, false],
      ]);
    }
  });

  test('keeps alive in its own form, and says who it is first where its source is empty', () => {
    for (const deviation of dialects) {
      const wire = new Wire(deviation);
      wire.connect();
      const before = wire.frames().length;
      wire.clock.pass(61_000);
      const [own] = deviation.habits.filter(({ means }) => means === 'keep-alive');
      const kept = wire.frames().slice(before);
      expect(kept).toHaveLength(3);
      for (const { command } of kept) expect(command).toBe(own?.command);
      const sources = new Set(wire.frames().map(({ source }) => source));
      expect(wire.frames()[0]?.source).toBe(ADDRESS);
      expect(sources.has(0)).toBe(deviation.identifiedBy === 'connection');
    }
  });
});

describe('what the centre wants', () => {
  const control = (adu: Uint8Array) => ({ serial: 4_711, command: COMMAND.control, adu });
  const keys = (wire: Wire): number[] =>
    wire
      .frames()
      .flatMap(({ adu }) =>
        decodeAdu(adu).objects.flatMap((each) => (each.kind === 'device-operation' ? [each.operations] : [])),
      );

  test('a duty check is confirmed at once, and answered with the key when the time has come', () => {
    const wire = new Wire();
    wire.connect();
    wire.say(control(encodeAdu('duty-check', [{ minutes: 10 }])));
    expect(wire.frames().at(-1)).toMatchObject({ serial: 4_711, command: COMMAND.confirm });
    wire.clock.pass(44_000);
    expect(keys(wire)).toEqual([]);
    wire.clock.pass(1_500);
    expect(keys(wire)).toEqual([0b10_0000]);
  });

  test('a duty check in an empty room is confirmed and never answered', () => {
    const wire = new Wire(STANDARD, { dutyAnswerMs: null });
    wire.connect();
    wire.say(control(encodeAdu('duty-check', [{ minutes: 10 }])));
    expect(wire.frames().at(-1)?.command).toBe(COMMAND.confirm);
    wire.clock.pass(3_600_000);
    expect(keys(wire)).toEqual([]);
  });

  test('its clock is set, and what it says from then on has that time', () => {
    for (const deviation of dialects) {
      const wire = new Wire(deviation, { clockAheadMs: 300_000 });
      wire.connect();
      const time = timeLabel(wire.clock.now(), deviation.time === 'bcd' ? 'bcd' : 'binary');
      const before = wire.frames().at(-1);
      expect(before?.sentAt).not.toEqual(time.raw);
      wire.say(control(encodeAdu('synchronise-clock', [{ time }])));
      expect(wire.frames().at(-1)).toMatchObject({ command: COMMAND.confirm, sentAt: time.raw });
    }
  });

  test('who asked for the time does not confirm the answer', () => {
    for (const deviation of dialects.filter(({ habits }) =>
      habits.some(({ means }) => means === 'clock-request'),
    )) {
      const wire = new Wire(deviation, { clockAheadMs: 300_000 });
      wire.connect();
      const asked = wire.frames().find(({ command }) => command === COMMAND.control);
      const said = wire.frames().length;
      const time = ourTime(deviation, wire.clock.now());
      wire.say({ ...control(encodeAdu('synchronise-clock', [{ time }])), serial: asked?.serial ?? -1 });
      expect(wire.frames()).toHaveLength(said);
    }
    expect.hasAssertions();
  });
});

test('a panel that is switched on tells how every component is', () => {
  const wire = new Wire();
  wire.confirms = true;
  wire.room.tell();
  wire.connect();
  const objects = wire.states().flatMap(({ adu }) => decodeAdu(adu).objects);
  expect(objects).toHaveLength(wire.room.options.panel.components.length);
  for (const object of objects) expect(object).toMatchObject({ kind: 'component-state', status: 1 });
});

test('a reset tells the operation and then everything that it ends', () => {
  const wire = new Wire();
  wire.confirms = true;
  wire.connect();
  for (const component of wire.room.options.panel.components) wire.room.happens(component, ['fire']);
  const centre = new FireConversation(STANDARD);
  const values = () => wire.frames().map((frame) => centre.hear(frame, wire.clock.now()).values);
  expect(values().at(-1)?.fire).toBe(true);
  wire.heard.length = 0;
  wire.room.reset();
  expect(wire.frames().map(({ adu }) => adu[0])).toEqual([4, 2]);
  expect(values().at(-1)?.fire).toBe(false);
});

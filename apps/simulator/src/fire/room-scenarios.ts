import { type Random } from '../random.js';
import { type Condition } from './fire-panel.js';

/** One thing that happens in a room: to the component with this index, or, without one, the reset of its panel. */
export interface RoomStep {
  readonly atMs: number;
  readonly room: number;
  readonly component?: number;
  readonly conditions?: readonly Condition[];
}

export interface RoomScenario {
  readonly key: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly description: { readonly zh: string; readonly en: string };
  /** In the order of time. */
  steps(rooms: number, componentsOf: (room: number) => number, random: Random): RoomStep[];
}

const HOLD_MS = 60_000;

const fireAll: RoomScenario = {
  key: 'fire-all',
  title: { zh: '全部单位同时报警', en: 'All units alarm at once' },
  description: {
    zh: '每个单位各有一个部件同时报火警，一分钟后各自复位（GB 50440 的处理能力）。',
    en: 'One component of every unit reports fire at the same moment; all panels are reset a minute later (capacity of GB 50440).',
  },
  steps(rooms, componentsOf, random) {
    const all = Array.from({ length: rooms }, (_, room) => room);
    return [
      ...all.map((room) => ({
        atMs: 0,
        room,
        component: random.integer(0, componentsOf(room) - 1),
        conditions: ['fire'],
      })),
      ...all.map((room) => ({ atMs: HOLD_MS, room })),
    ];
  },
};

const roomFire: RoomScenario = {
  key: 'room-fire',
  title: { zh: '一个单位火势蔓延', en: 'A fire spreads in one unit' },
  description: {
    zh: '一个单位的探测器依次报火警，水流指示器反馈，两分钟后复位。',
    en: 'Detectors of one unit report fire one after the other, the flow switch answers, and the panel is reset after two minutes.',
  },
  steps(rooms, componentsOf, random) {
    const room = random.integer(0, rooms - 1);
    const last = componentsOf(room) - 1;
    const spread = [0, 10_000, 18_000, 25_000, 40_000];
    return [
      ...spread.slice(0, last).map((atMs, component) => ({ atMs, room, component, conditions: ['fire'] })),
      { atMs: 45_000, room, component: last, conditions: ['fire', 'feedback'] },
      { atMs: 120_000, room },
    ];
  },
};

const ordinaryDay: RoomScenario = {
  key: 'room-troubles',
  title: { zh: '故障、屏蔽与监管', en: 'Faults, shields, supervision' },
  description: {
    zh: '十分钟内各单位随机出现故障、屏蔽、监管和误报，随后恢复。',
    en: 'Over ten minutes components at random are faulty, shielded, supervised or alarm falsely, and come back.',
  },
  steps(rooms, componentsOf, random) {
    const steps = Array.from({ length: 4 * rooms }, (): RoomStep[] => {
      const room = random.integer(0, rooms - 1);
      const component = random.integer(0, componentsOf(room) - 1);
      const kind = random.next();
      const condition = kind < 0.5 ? 'fault' : kind < 0.7 ? 'shield' : kind < 0.9 ? 'supervisory' : 'fire';
      const atMs = Math.floor(random.between(0, 10 * HOLD_MS));
      const untilMs = atMs + Math.floor(random.between(5_000, 2 * HOLD_MS));
      return [
        { atMs, room, component, conditions: [condition] },
        { atMs: untilMs, room, component, conditions: [] },
      ];
    });
    return steps.flat().sort((a, b) => a.atMs - b.atMs);
  },
};

export const ROOM_SCENARIOS: readonly RoomScenario[] = [fireAll, roomFire, ordinaryDay];

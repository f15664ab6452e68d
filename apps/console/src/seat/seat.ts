import {
  ALARM_HANDLERS,
  type Alarm,
  type ApprovalView,
  type CommandView,
  type ExposureSummary,
  type FloodView,
  type LiveReading,
  type Page,
  type Role,
  type UserView,
} from '@watchfire/contracts';
import { computed, nextTick, ref, shallowReactive, shallowRef, triggerRef, type ComputedRef } from 'vue';
import { AlarmSet } from '../alarms/alarm-set.js';
import { Acts, type Act, type ActAnswer } from '../alarms/acts.js';
import { countAlarms, type AlarmCounts } from '../alarms/counts.js';
import { compareAlarms, nextAlarm } from '../alarms/order.js';
import { Fleet } from '../fleet/fleet.js';
import { AlarmStream } from '../link/alarm-stream.js';
import { linkState, SILENCE_LIMIT_MS, type LinkFacts, type LinkState } from '../link/link-state.js';
import { ServerClock } from '../link/server-clock.js';
import { Watching } from '../link/watching.js';
import { type Api } from '../rest/api.js';
import { Polled } from '../rest/polled.js';
import { newIdempotencyKey, RestError } from '../rest/rest-client.js';
import { Connection } from './connection.js';
import { atMostEvery, oncePerFrame, Paintings } from './painting.js';
import { SoundDesk } from './sound-desk.js';

const TICK_MS = 500;
const FLEET_EVERY_MS = 60_000;
/** How much is not watched, and what waits for a second person. */
const WATCHED_EVERY_MS = 5_000;
const DRAWN_EVERY_MS = 250;
/** How often the count of a flood is read while one lasts. */
const FLOODS_EVERY_MS = 5_000;
const WATCH_EVERY_MS = 1_500;
const WATCH_AGAIN_MS = 5_000;

/** Everything that lives between sign-in and sign-out: the link, the alarms, the acts, the sound, the live values. */
export class Seat {
  readonly now = ref(Date.now());
  readonly fleet: Fleet;
  /** How much is not watched. */
  readonly exposure: Polled<ExposureSummary>;
  /** What waits for a second person; nothing for those who have no part in it. */
  readonly requests: Polled<Page<ApprovalView>>;
  readonly sound: SoundDesk;
  readonly acts: Acts;
  readonly readings = shallowReactive(new Map<string, LiveReading>());
  readonly driftMs = ref<number | null>(null);
  /** The newest alarms in words for a screen reader. */
  readonly announced = shallowRef<readonly Alarm[]>([]);
  readonly link: ComputedRef<LinkState>;
  readonly refusal = shallowRef<string | null>(null);
  readonly alarms: ComputedRef<readonly Alarm[]>;
  readonly counts: ComputedRef<AlarmCounts>;
  /** Alarms about floods that last. */
  readonly floodAlarms: ComputedRef<readonly Alarm[]>;
  /** Those floods, with what is counted of them by now. */
  readonly floods: Polled<readonly FloodView[]>;
  /** When the list was last known to be right, epoch ms of the server. */
  readonly currentAt = ref<number | null>(null);
  readonly watching = new Watching(() => this.sendWatch());

  private readonly commandListeners = new Set<(command: CommandView) => void>();
  private readonly set: AlarmSet;
  private readonly stream: AlarmStream;
  private readonly connection: Connection;
  private readonly clock = new ServerClock();
  private readonly version = shallowRef({});
  private readonly facts = shallowRef<LinkFacts>({
    startedAt: Date.now(),
    downSince: Date.now(),
    heardAt: null,
    synchronised: false,
  });
  private upSince = 0;
  private readonly timers: ReturnType<typeof setInterval>[];
  private drawnOffset = 0;
  private readonly paintings = new Paintings(() => this.tellPainted());
  private floodsReadAt = 0;
  private armedSent = false;

  constructor(
    readonly user: UserView,
    private readonly api: Api,
    private readonly ended: (reason: string | null) => void,
  ) {
    const dense = (): boolean => user.enterpriseId === null;
    this.set = new AlarmSet(dense);
    this.fleet = new Fleet(api);
    this.exposure = new Polled(() => api.exposureSummary());
    this.floods = new Polled(() => api.floods());
    const hasPart = (ALARM_HANDLERS as readonly Role[]).includes(user.role);
    this.requests = new Polled(() =>
      hasPart ? api.approvals('pending') : Promise.resolve({ items: [], total: 0, nextCursor: null }),
    );
    this.sound = new SoundDesk(() => this.set.values());
    this.acts = new Acts(
      {
        send: (act) => this.send(act),
        fetch: (id) => api.alarm(id).catch(() => undefined),
        correct: (eventId, alarm) => this.set.correct(eventId, alarm),
        newKey: newIdempotencyKey,
        now: () => Date.now(),
      },
      () => this.flush(),
    );
    this.alarms = computed(() => {
      void this.version.value;
      return [...this.set.values()].sort(compareAlarms);
    });
    this.counts = computed(() => countAlarms(this.alarms.value));
    this.floodAlarms = computed(() =>
      this.alarms.value.filter(({ flood, active }) => flood !== null && active),
    );
    this.link = computed(() => linkState(this.facts.value, this.now.value));
    this.stream = new AlarmStream(this.set, {
      subscribe: (request, reply) => this.connection.subscribe(request, reply),
      announce: (alarms) => {
        this.announced.value = alarms;
        this.sound.announce(Date.now());
        if (alarms.some((alarm) => alarm.class === 'link')) this.reloadFleet();
      },
      changed: () => this.flush(),
    });
    this.connection = new Connection({
      stream: () => this.stream,
      up: () => this.up(),
      down: () => this.down(),
      heartbeat: ({ offset, serverTime }) => {
        const now = Date.now();
        this.clock.heard(serverTime, now);
        this.driftMs.value = this.clock.driftMs;
        this.learn({ heardAt: now });
        this.stream.heartbeat(offset, dense(), now);
        if (this.stream.synchronised) this.currentAt.value = serverTime;
      },
      readings: (readings) => {
        for (const reading of readings) this.readings.set(reading.pointId, reading);
      },
      command: (command) => {
        for (const hear of this.commandListeners) hear(command);
      },
      ended: (reason) => this.ended(reason),
      refused: (message) => {
        this.refusal.value = message;
        // The cookie may be the reason: the answer to any question tells, and ends the session here if so.
        void api.session().catch(() => undefined);
      },
    });
    this.timers = [
      setInterval(() => this.tick(), TICK_MS),
      setInterval(() => void this.fleet.load(), FLEET_EVERY_MS),
      setInterval(() => this.loadWatched(), WATCHED_EVERY_MS),
    ];
    void this.fleet.load();
    this.loadWatched();
  }

  /** Server time now, epoch ms: ages are measured with it, so that a wrong clock of the seat does not bend them. */
  serverNow(): number {
    return this.now.value - (this.driftMs.value ?? 0);
  }

  get(id: string): Alarm | undefined {
    void this.version.value;
    return this.set.get(id);
  }

  /** The acts that are not over, for rendering. */
  openActs(): readonly Act[] {
    void this.version.value;
    return this.acts.all();
  }

  next(): Alarm | undefined {
    return nextAlarm(this.set.values());
  }

  /** Every change of a command while the link is there; the answer ends it. What came meanwhile is in the list. */
  onCommand(hear: (command: CommandView) => void): () => void {
    this.commandListeners.add(hear);
    return () => this.commandListeners.delete(hear);
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.connection.close();
    this.sound.close();
  }

  private loadWatched(): void {
    void this.exposure.load();
    void this.requests.load();
  }

  /** Reads the devices again soon; a storm of link alarms reads them once. */
  private readonly reloadFleet = (() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void this.fleet.load();
      }, 2_000);
    };
  })();

  private readonly flush = oncePerFrame(() => {
    this.acts.settle((id) => this.set.get(id));
    const { synchronised } = this.stream;
    this.learn(
      synchronised && !this.facts.value.synchronised
        ? { synchronised, heardAt: Date.now() }
        : { synchronised },
    );
    this.refusal.value =
      this.stream.problem?.code ?? (this.facts.value.downSince === null ? null : this.refusal.value);
    triggerRef(this.version);
    this.sound.update(Date.now());
    const offset = this.set.offset ?? 0;
    if (offset <= this.drawnOffset) return;
    this.drawnOffset = offset;
    void nextTick(() => this.paintings.put(offset));
  });

  /** The first frame of a burst is told as soon as it is painted, those that follow together. */
  private readonly tellPainted = atMostEvery(DRAWN_EVERY_MS, () => {
    const report = this.paintings.take();
    if (report !== undefined) this.connection.drawn(report);
  });

  private up(): void {
    this.upSince = Date.now();
    this.learn({ downSince: null });
    this.armedSent = false;
    this.stream.up(Date.now());
    this.sendWatch();
    void this.fleet.load();
    this.loadWatched();
  }

  private down(): void {
    this.learn({ downSince: this.facts.value.downSince ?? Date.now() });
    this.stream.down();
  }

  private tick(): void {
    const now = Date.now();
    this.now.value = now;
    this.stream.tick(now);
    if (this.floodAlarms.value.length > 0 && now - this.floodsReadAt >= FLOODS_EVERY_MS) {
      this.floodsReadAt = now;
      void this.floods.load();
    }
    this.sound.linkLost(this.link.value.kind === 'lost', now);
    const { heardAt, downSince } = this.facts.value;
    if (downSince === null && now - Math.max(heardAt ?? 0, this.upSince) >= SILENCE_LIMIT_MS)
      this.connection.renew();
    const armed = this.sound.audible.value;
    if (armed !== this.armedSent && downSince === null) {
      this.armedSent = armed;
      this.connection.audioArmed(armed);
    }
  }

  private learn(news: Partial<LinkFacts>): void {
    this.facts.value = { ...this.facts.value, ...news };
  }

  private readonly sendWatch = atMostEvery(WATCH_EVERY_MS, () =>
    this.connection.watch(this.watching.points(), (answer) => {
      if (!answer.ok) setTimeout(() => this.sendWatch(), WATCH_AGAIN_MS);
    }),
  );

  private async send(act: Act): Promise<ActAnswer> {
    try {
      return { ok: true, alarm: await this.api.act(act) };
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      const unanswered = error.unanswered || error.code === 'request_running';
      return { ok: false, code: error.code, detail: error.detail, unanswered };
    }
  }
}

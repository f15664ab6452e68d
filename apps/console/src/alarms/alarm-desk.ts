import { type Alarm } from '@watchfire/contracts';
import { computed, inject, ref, shallowRef, watch, type ComputedRef, type InjectionKey, type Ref } from 'vue';
import { type Seat } from '../seat/seat.js';
import { type ActKind } from './acts.js';
import { isFiltering, matches, NO_FILTER, type AlarmFilter } from './filter.js';
import { alarmsIn, groupKeyOf, isGroupKey, itemsOf, singlesOf, type Item } from './groups.js';
import { listView, type ListView } from './held-list.js';
import { blockOf } from './order.js';
import { mayAcknowledge, mayReset } from './presentation.js';

/** Rows that are drawn; counts, sound and "next" work on everything. */
export const ROW_LIMIT = 500;
/** The list keeps still for so long after the last movement of the pointer on it. */
const POINTER_MS = 3_000;

/** A text of the locale for the status line. */
export type Notice =
  | 'act.none'
  | 'act.notNeeded'
  | 'act.notResettable'
  | 'act.noneLeft'
  | 'list.scrolledTo'
  | 'group.notAtOnce'
  | 'sound.nothing';

/** What the list on the screen can tell and do. */
export interface ListScreen {
  /** By the id of an alarm, or the key of a group. */
  isVisible(key: string): boolean;
  show(key: string): void;
  top(): void;
}

/** The operator's place in the list: filter, selection, drawer, and whether the list may move. */
export class AlarmDesk {
  readonly filter = shallowRef<AlarmFilter>(NO_FILTER);
  /** The id of an alarm, or the key of a group. */
  readonly selectedId = ref<string | null>(null);
  readonly drawerOpen = ref(false);
  readonly scrolled = ref(false);
  readonly notice = shallowRef<{ readonly text: Notice } | null>(null);
  readonly filtered: ComputedRef<readonly Alarm[]>;
  readonly view: ComputedRef<ListView>;
  /** The rows that are drawn, of alarms and of groups. */
  readonly drawn: ComputedRef<readonly Item[]>;
  /** Alarms that are on none of them, because the list would be too long for a page. */
  readonly beyond: ComputedRef<number>;
  readonly selected: ComputedRef<Alarm | undefined>;
  /** Unacknowledged alarms that the filter hides. */
  readonly hiddenUnacknowledged: ComputedRef<number>;

  private readonly items: ComputedRef<readonly Item[]>;
  private readonly expanded = shallowRef<ReadonlySet<string>>(new Set());
  private readonly pointerAt = ref(0);
  private readonly held = shallowRef<readonly Alarm[] | undefined>(undefined);
  private screen: ListScreen | undefined;

  constructor(
    private readonly seat: Seat,
    /** Whether alarms of one cause are drawn as one row. */
    readonly grouping: Ref<boolean>,
  ) {
    this.filtered = computed(() => {
      const { value: filter } = this.filter;
      if (!isFiltering(filter)) return seat.alarms.value;
      const grid = seat.fleet.grid.value;
      return seat.alarms.value.filter((alarm) =>
        matches(alarm, filter, (code, above) => grid.within(code, above)),
      );
    });
    this.view = computed(() => listView(this.filtered.value, this.held.value, this.limit));
    this.items = computed(() =>
      this.grouping.value
        ? itemsOf(this.view.value.rows, this.expanded.value)
        : singlesOf(this.view.value.rows),
    );
    this.drawn = computed(() => this.items.value.slice(0, ROW_LIMIT));
    this.beyond = computed(() => this.view.value.beyond + alarmsIn(this.items.value.slice(ROW_LIMIT)));
    this.selected = computed(() => {
      const id = this.selectedId.value;
      if (id === null) return undefined;
      return seat.get(id) ?? this.view.value.rows.find((row) => row.alarm.id === id)?.alarm;
    });
    this.hiddenUnacknowledged = computed(() => {
      const shown = this.filtered.value.filter(mayAcknowledge).length;
      return seat.counts.value.unacknowledged - shown;
    });
    const mustHold = computed(
      () =>
        this.drawerOpen.value || this.scrolled.value || seat.now.value - this.pointerAt.value < POINTER_MS,
    );
    watch(mustHold, (hold) => (this.held.value = hold ? this.rowsNow() : undefined), { flush: 'sync' });
    watch([this.filter, this.grouping], () => this.showNew(), { flush: 'sync' });
  }

  attach(screen: ListScreen | undefined): void {
    this.screen = screen;
  }

  pointerMoved(): void {
    // The clock of the page ticks twice a second; taking the later of both keeps the first movement from being too old.
    this.pointerAt.value = Math.max(Date.now(), this.seat.now.value);
  }

  /** Lets the list take in what is new and, if it must, holds it again as it is then. */
  showNew(): void {
    const hold = this.held.value !== undefined;
    this.held.value = undefined;
    if (hold) this.held.value = this.rowsNow();
  }

  select(key: string | null): void {
    this.selectedId.value = key;
  }

  open(alarmId: string): void {
    this.reveal(alarmId);
    this.select(alarmId);
    this.drawerOpen.value = true;
  }

  /** By key: a group opens and closes, of an alarm the detail does. */
  openSelected(): void {
    const key = this.selectedId.value;
    if (key === null) return;
    if (isGroupKey(key)) this.toggleGroup(key);
    else this.drawerOpen.value = !this.drawerOpen.value;
  }

  toggleGroup(key: string): void {
    const expanded = new Set(this.expanded.value);
    if (!expanded.delete(key)) expanded.add(key);
    // What is selected stays on the screen.
    const holdsSelected = this.view.value.rows.some(
      (row) => row.alarm.id === this.selectedId.value && groupKeyOf(row) === key,
    );
    this.expanded.value = expanded;
    if (holdsSelected && !expanded.has(key)) this.select(key);
  }

  move(step: 'up' | 'down' | 'first' | 'last'): void {
    const ids = this.drawn.value.map(({ key }) => key);
    const at = this.selectedId.value === null ? -1 : ids.indexOf(this.selectedId.value);
    const to = {
      up: Math.max(0, at - 1),
      down: Math.min(ids.length - 1, at + 1),
      first: 0,
      last: ids.length - 1,
    }[step];
    const id = ids[to];
    if (id === undefined) return;
    this.select(id);
    this.screen?.show(id);
  }

  /** To the oldest unacknowledged alarm of the highest class and priority, wherever it is. */
  next(): void {
    const next = this.seat.next();
    if (next === undefined) return this.say('act.noneLeft');
    const { value: filter } = this.filter;
    if (isFiltering(filter) && !this.filtered.value.some((alarm) => alarm.id === next.id))
      this.filter.value = NO_FILTER;
    if (!this.view.value.rows.some((row) => row.alarm.id === next.id)) this.showNew();
    this.reveal(next.id);
    this.select(next.id);
    this.screen?.show(next.id);
  }

  /** An act on the selected alarm, by key: only on a row that the operator can see. */
  actOnSelected(kind: 'acknowledge' | 'reset'): void {
    if (this.selectedId.value !== null && isGroupKey(this.selectedId.value))
      return this.say('group.notAtOnce');
    const alarm = this.selected.value;
    if (alarm === undefined) return this.say('act.none');
    this.reveal(alarm.id);
    if (this.screen?.isVisible(alarm.id) === false && !this.drawerOpen.value) {
      this.screen.show(alarm.id);
      return this.say('list.scrolledTo');
    }
    this.act(kind, alarm);
  }

  act(kind: ActKind, alarm: Alarm, comment: string | null = null): void {
    if (kind === 'acknowledge' && !mayAcknowledge(alarm)) return this.say('act.notNeeded');
    if (kind === 'reset' && !mayReset(alarm)) return this.say('act.notResettable');
    void this.seat.acts.perform(kind, alarm, comment);
  }

  say(text: Notice): void {
    const notice = { text };
    this.notice.value = notice;
    setTimeout(() => {
      if (this.notice.value === notice) this.notice.value = null;
    }, 6_000);
  }

  /** How many of the filtered alarms each block has, drawn or not. */
  blockCount(block: ReturnType<typeof blockOf>): number {
    return this.filtered.value.filter((alarm) => blockOf(alarm) === block).length;
  }

  /** Rows of which groups are made: those in a closed group are not drawn. */
  private get limit(): number {
    return this.grouping.value ? Infinity : ROW_LIMIT;
  }

  /** Opens the group that hides the alarm, if one does. */
  private reveal(alarmId: string): void {
    const group = this.items.value.find(
      (item) =>
        item.kind === 'group' && !item.expanded && item.members.some(({ alarm }) => alarm.id === alarmId),
    );
    if (group !== undefined) this.expanded.value = new Set([...this.expanded.value, group.key]);
  }

  private rowsNow(): readonly Alarm[] {
    return listView(this.filtered.value, undefined, this.limit).rows.map((row) => row.alarm);
  }
}

export const alarmDeskKey: InjectionKey<AlarmDesk> = Symbol('alarm desk');

export function useAlarmDesk(): AlarmDesk {
  const desk = inject(alarmDeskKey);
  if (desk === undefined) throw new Error('The alarm desk is provided by the shell.');
  return desk;
}

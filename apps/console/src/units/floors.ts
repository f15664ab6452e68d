import {
  type Alarm,
  COMPONENT_CONDITIONS,
  type ComponentCondition,
  type FireComponentView,
  type FirePlaceView,
  type FireSystemView,
} from '@watchfire/contracts';

/** What the page draws of an alarm on a component. */
export type DrawnAlarm = Pick<
  Alarm,
  'id' | 'deviceId' | 'pointId' | 'class' | 'active' | 'raisedAt' | 'receivedAt' | 'acked' | 'drill'
>;

export interface LiveComponent extends FireComponentView {
  /** Its alarms that are on a list, the active ones first. */
  readonly alarms: readonly DrawnAlarm[];
  /** Its place in the spread: 1 for the component that reported fire first. */
  readonly order: number | null;
}

const OF_CLASS: Readonly<Partial<Record<Alarm['class'], ComponentCondition>>> = {
  fire: 'fire',
  gas: 'supervisory',
  supervisory: 'supervisory',
  linkage: 'supervisory',
  trouble: 'fault',
  link: 'fault',
  shield: 'shield',
  test: 'test',
};
const OF_CLASS_CONDITIONS: ReadonlySet<ComponentCondition> = new Set(Object.values(OF_CLASS));

/** Its own by its point; a component that reports by its address alone has a part in those of its device that are of its kind. */
function alarmsOf(
  { pointId, deviceId, condition }: FireComponentView,
  byPoint: ReadonlyMap<string, DrawnAlarm[]>,
  alarms: readonly DrawnAlarm[],
): readonly DrawnAlarm[] {
  if (pointId !== null) return byPoint.get(pointId) ?? [];
  if (OF_CLASS_CONDITIONS.has(condition)) {
    return alarms.filter((alarm) => alarm.deviceId === deviceId && OF_CLASS[alarm.class] === condition);
  }
  return [];
}

/**
 * Components as they are at this moment: what the server said a few seconds ago, and on top of it the alarms that have come
 * since. An alarm makes it worse at once; that it is better only the server says. [FU8, FU10]
 */
export function liveComponents(
  components: readonly FireComponentView[],
  alarms: readonly DrawnAlarm[],
): LiveComponent[] {
  const byPoint = new Map<string, DrawnAlarm[]>();
  for (const alarm of alarms) {
    if (alarm.pointId !== null) byPoint.set(alarm.pointId, [...(byPoint.get(alarm.pointId) ?? []), alarm]);
  }
  const withAlarms = components.map((component) => {
    const own = alarmsOf(component, byPoint, alarms);
    const sorted = own.toSorted((a, b) => Number(b.active) - Number(a.active) || a.raisedAt - b.raisedAt);
    const told = sorted.filter(({ active }) => active).map((alarm) => OF_CLASS[alarm.class]);
    const condition = COMPONENT_CONDITIONS.find(
      (each) => each === component.condition || told.includes(each),
    );
    return { ...component, condition: condition ?? component.condition, alarms: sorted };
  });
  const order = spreadOf(withAlarms);
  return withAlarms.map((component) => ({ ...component, order: order.get(component.id) ?? null }));
}

/** The order in which the components that are on fire now reported it; without an alarm, since when it reports fire. [FU10] */
export function spreadOf(
  components: readonly (Pick<FireComponentView, 'id' | 'pointId' | 'condition' | 'fireAt'> & {
    readonly alarms: readonly DrawnAlarm[];
  })[],
): ReadonlyMap<string, number> {
  const burning = components.flatMap(({ id, pointId, condition, fireAt, alarms }) => {
    // An alarm of the whole device does not say which of its components was first.
    const fires = alarms.filter((alarm) => pointId !== null && alarm.class === 'fire' && alarm.active);
    const first = fires.toSorted((a, b) => a.raisedAt - b.raisedAt || a.receivedAt - b.receivedAt)[0];
    if (first !== undefined) return [{ id, at: first.raisedAt, then: first.receivedAt }];
    return condition === 'fire' && fireAt !== null ? [{ id, at: fireAt, then: fireAt }] : [];
  });
  burning.sort((a, b) => a.at - b.at || a.then - b.then || (a.id < b.id ? -1 : 1));
  return new Map(burning.map(({ id }, index) => [id, index + 1]));
}

/** The component of a point; of one that stands for a whole device, the first of its components that is on fire. */
export function componentOf(
  components: readonly LiveComponent[],
  pointId: string | undefined,
): LiveComponent | undefined {
  if (pointId === undefined) return undefined;
  const burning = components
    .filter(({ deviceId, order }) => order !== null && pointId.startsWith(`${deviceId}.`))
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0));
  return components.find((component) => component.pointId === pointId) ?? burning[0];
}

export interface FloorSummary {
  readonly floor: FirePlaceView;
  /** The worst of what is on it, `null` where nothing is. */
  readonly worst: ComponentCondition | null;
  /** First of the fires on it. */
  readonly order: number | null;
  readonly components: number;
}

export interface BuildingSummary {
  readonly building: FirePlaceView;
  /** From the highest floor down, as a building stands. */
  readonly floors: readonly FloorSummary[];
  readonly zones: readonly FirePlaceView[];
}

export function buildingsOf(
  places: readonly FirePlaceView[],
  components: readonly LiveComponent[],
): BuildingSummary[] {
  const inside = (kind: FirePlaceView['kind'], parentId: string): FirePlaceView[] =>
    places.filter((place) => place.kind === kind && place.parentId === parentId);
  return places
    .filter(({ kind }) => kind === 'building')
    .map((building) => ({
      building,
      zones: inside('zone', building.id),
      floors: inside('floor', building.id)
        .toSorted((a, b) => (b.level ?? 0) - (a.level ?? 0))
        .map((floor) => floorSummary(floor, components)),
    }));
}

function floorSummary(floor: FirePlaceView, components: readonly LiveComponent[]): FloorSummary {
  const own = components.filter(({ floorId }) => floorId === floor.id);
  const orders = own.flatMap(({ order }) => order ?? []);
  return {
    floor,
    worst: worstOf(own.map(({ condition }) => condition)),
    order: orders.length === 0 ? null : Math.min(...orders),
    components: own.length,
  };
}

export function worstOf(conditions: readonly ComponentCondition[]): ComponentCondition | null {
  return COMPONENT_CONDITIONS.find((each) => conditions.includes(each)) ?? null;
}

/** Which floor to show: the one asked for, that of the component asked for, where it burnt first, or the first with a plan. */
export function floorToShow(
  places: readonly FirePlaceView[],
  components: readonly LiveComponent[],
  asked: { readonly floorId?: string | undefined; readonly componentId?: string | undefined },
): FirePlaceView | undefined {
  const floors = groundFirst(places);
  const ofComponent = components.find(({ id }) => id === asked.componentId)?.floorId;
  const burning = components
    .filter(({ order, floorId }) => order !== null && floorId !== null)
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))[0]?.floorId;
  for (const wanted of [asked.floorId, ofComponent, burning]) {
    const found = floors.find(({ id }) => id === wanted);
    if (found !== undefined) return found;
  }
  return floors.find(({ plan }) => plan !== null) ?? floors[0];
}

/** Building by building, each from the ground up and the basements last. */
function groundFirst(places: readonly FirePlaceView[]): FirePlaceView[] {
  const buildings = places.filter(({ kind }) => kind === 'building').map(({ id }) => id);
  const rank = ({ level }: FirePlaceView): number => {
    const at = level ?? 0;
    return at > 0 ? at : 1_000 - at;
  };
  return places
    .filter(({ kind }) => kind === 'floor')
    .toSorted(
      (a, b) =>
        buildings.indexOf(a.parentId ?? '') - buildings.indexOf(b.parentId ?? '') || rank(a) - rank(b),
    );
}

export interface SystemSummary {
  readonly systemType: number;
  readonly name: string | null;
  readonly nameEn: string | null;
  /** What those of the type said of themselves. */
  readonly own: readonly FireSystemView[];
  readonly counts: readonly (readonly [ComponentCondition, number])[];
}

/** By type: what the systems said of themselves, and how many of their components are in which condition, the worst first. */
export function systemsOf(
  components: readonly LiveComponent[],
  systems: readonly FireSystemView[],
): SystemSummary[] {
  const types = [...new Set([...components, ...systems].map(({ systemType }) => systemType))].sort(
    (a, b) => a - b,
  );
  return types.map((systemType) => {
    const members = components.filter((each) => each.systemType === systemType);
    const own = systems.filter((each) => each.systemType === systemType);
    const named = [...members, ...own].find(({ systemName }) => systemName !== null);
    return {
      systemType,
      name: named?.systemName ?? null,
      nameEn: named?.systemNameEn ?? null,
      own,
      counts: COMPONENT_CONDITIONS.flatMap((condition): [ComponentCondition, number][] => {
        const count = members.filter((each) => each.condition === condition).length;
        return count === 0 ? [] : [[condition, count]];
      }),
    };
  });
}

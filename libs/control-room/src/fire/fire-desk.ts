import { Inject, Injectable } from '@nestjs/common';
import {
  type AlarmClass,
  type FireComponentView,
  type FireDutyCheck,
  type FireSystemView,
  type FireUnitFigures,
  type FireUnitSummary,
  type FireUnitView,
} from '@watchfire/contracts';
import { dutyVerdicts, onPostRate } from '@watchfire/duty';
import { Clock, EngineHost } from '@watchfire/engine';
import { falseAlarmsOf, goodOrderOf } from '@watchfire/figures';
import { type CodeName, type Deviation, STANDARD, STATUS_BITS, type StatusBit } from '@watchfire/protocol';
import {
  type DeviceContext,
  type FireComponentRow,
  type FirePlaceRow,
  type FireUnitFilter,
  type FireUnitSummaryRow,
  type Paged,
  type PageRequest,
  Registry,
} from '@watchfire/registry';
import { type Visibility } from '../access/visibility.js';
import { FIRE_DIALECTS, type FireDialects } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { mapPage } from '../views/record-views.js';
import { toAlarm } from '../views/alarm-view.js';
import { judgeComponent } from './component-condition.js';

/** Rows read at once where all of a unit are needed. */
const PAGE = 1_000;

/** How long a unit stays marked in the list. */
const FLAG_MS = 30 * 86_400_000;

const TEST: CodeName = { zh: '测试', en: 'Test' };

/** Fire units for a person: what is of another enterprise is not found, in the words of what does not exist. */
@Injectable()
export class FireDesk {
  constructor(
    private readonly registry: Registry,
    private readonly engine: EngineHost,
    private readonly clock: Clock,
    @Inject(FIRE_DIALECTS) private readonly dialects: FireDialects,
  ) {}

  async units(query: PageRequest & FireUnitFilter): Promise<Paged<FireUnitSummary>> {
    const { items, ...page } = await this.registry.fireUnits.list(query);
    return { ...page, items: await this.#flagged(items) };
  }

  async unit(siteId: string, visibility: Visibility): Promise<FireUnitView> {
    const { fireUnits, firePlaces } = this.registry;
    const found = await fireUnits.list({ limit: 1, siteId, enterpriseId: visibility.enterpriseId });
    const [summary] = await this.#flagged(found.items);
    const row = await fireUnits.find(siteId);
    if (summary === undefined || row === undefined) throw new Problem('fire_unit_unknown');
    const places = await firePlaces.ofUnit(siteId);
    return {
      ...summary,
      note: row.note,
      contacts: await fireUnits.contacts(siteId),
      places: places.map(({ siteId: of, ...place }) => {
        void of;
        return place;
      }),
    };
  }

  /** Whether there is such a unit for this person. */
  async require(siteId: string, visibility: Visibility): Promise<void> {
    const { fireUnits } = this.registry;
    const { total } = await fireUnits.list({ limit: 1, siteId, enterpriseId: visibility.enterpriseId });
    if (total === 0) throw new Problem('fire_unit_unknown');
  }

  async place(siteId: string, placeId: string, visibility: Visibility): Promise<FirePlaceRow> {
    await this.require(siteId, visibility);
    const place = await this.registry.firePlaces.find(placeId);
    if (place?.siteId !== siteId) throw new Problem('fire_place_unknown');
    return place;
  }

  async component(siteId: string, componentId: string, visibility: Visibility): Promise<FireComponentRow> {
    await this.require(siteId, visibility);
    const row = await this.registry.fireComponents.find(componentId);
    const device = row && (await this.registry.devices.find(row.deviceId));
    if (row === undefined || device?.siteId !== siteId) throw new Problem('fire_component_unknown');
    return row;
  }

  /** A device of the unit, with how it speaks. */
  async device(
    siteId: string,
    deviceId: string,
  ): Promise<{ readonly context: DeviceContext; readonly deviation: Deviation }> {
    const context = await this.registry.devices.context(deviceId);
    if (context?.site.id !== siteId) {
      throw new Problem('invalid_request', `The unit has no device ${deviceId}.`, {
        errors: [{ path: 'deviceId', message: 'no device of the unit' }],
      });
    }
    return { context, deviation: this.#deviation(context) };
  }

  /** A point whose alarms are those of a component is of a device of the unit. */
  async requirePoint(siteId: string, pointId: string | null | undefined): Promise<void> {
    if (pointId === null || pointId === undefined) return;
    const device = await this.registry.devices.find(pointId.slice(0, pointId.indexOf('.')));
    if (device?.siteId === siteId) return;
    throw new Problem('invalid_request', `The unit has no point ${pointId}.`, {
      errors: [{ path: 'pointId', message: 'no point of a device of the unit' }],
    });
  }

  async components(siteId: string, page: PageRequest): Promise<Paged<FireComponentView>> {
    const view = await this.#viewer(siteId);
    return mapPage(await this.registry.fireComponents.list({ ...page, siteId }), view);
  }

  async systems(siteId: string): Promise<FireSystemView[]> {
    const devices = await this.registry.devices.ofSite(siteId);
    const rows = await this.registry.fireSystems.ofSite(siteId);
    return rows.map((row) => {
      const context = devices.find(({ device }) => device.id === row.deviceId);
      const deviation = this.#deviation(context);
      const system = deviation.systemTypes.get(row.systemType);
      const states = row.states.map((key) => ({ ...bitOf(key, deviation), key }));
      const online = this.engine.connection(row.deviceId).state === 'online';
      return {
        ...row,
        deviceName: context?.device.name ?? row.deviceId,
        systemName: system?.zh ?? null,
        systemNameEn: system?.en ?? null,
        states: states.map(({ key, name }) => ({ key, name: name.zh, nameEn: name.en })),
        ...judgeComponent({ states, alarms: [], online, quality: undefined }),
      };
    });
  }

  async componentView(siteId: string, id: string): Promise<FireComponentView> {
    const row = await this.registry.fireComponents.find(id);
    if (row === undefined) throw new Problem('fire_component_unknown');
    return (await this.#viewer(siteId))(row);
  }

  async figures(siteId: string, { from, to }: { from: number; to: number }): Promise<FireUnitFigures> {
    const findings = await this.registry.acceptance.findings([siteId], from, to);
    const conditions: FireComponentView['condition'][] = [];
    let cursor: string | undefined;
    do {
      const page = await this.components(siteId, { limit: PAGE, cursor });
      // What nobody can hear of is not known to be good, whatever it said last.
      conditions.push(
        ...page.items.map(({ condition, unknownReason }) => (unknownReason === null ? condition : 'unknown')),
      );
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return {
      ...{ siteId, from, to },
      ...falseAlarmsOf(findings),
      goodOrder: goodOrderOf(conditions),
      onPost: await this.#onPost(siteId, from, to),
    };
  }

  /** Newest first. */
  async dutyChecks(siteId: string, page: PageRequest): Promise<Paged<FireDutyCheck>> {
    const { deviceCommands, dutyAnswers } = this.registry;
    const commands = await deviceCommands.ofSite({ ...page, siteId, command: 'duty_check' });
    const now = this.clock.now();
    const sent = commands.items.flatMap(({ sentAt }) => sentAt ?? []);
    const since = sent.reduce((least, at) => Math.min(least, at), now);
    const devices = [...new Set(commands.items.map(({ deviceId }) => deviceId))];
    const answers = await dutyAnswers.list(devices, since, now);
    return { ...commands, items: dutyVerdicts(commands.items, answers, now) };
  }

  /** Of the checks asked in the range. */
  async #onPost(siteId: string, from: number, to: number): Promise<number | null> {
    const checks: FireDutyCheck[] = [];
    let cursor: string | undefined;
    let isBefore: boolean;
    do {
      const page = await this.dutyChecks(siteId, { limit: PAGE, cursor });
      isBefore = page.items.some(({ requestedAt }) => requestedAt < from);
      checks.push(...page.items.filter(({ requestedAt }) => requestedAt >= from && requestedAt < to));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && !isBefore);
    return onPostRate(checks, this.clock.now());
  }

  async #flagged(units: readonly FireUnitSummaryRow[]): Promise<FireUnitSummary[]> {
    const now = this.clock.now();
    const ids = units.map(({ siteId }) => siteId);
    const findings = await this.registry.acceptance.findings(ids, now - FLAG_MS, now + 1);
    return units.map((unit) => {
      const own = findings.filter(({ siteId }) => siteId === unit.siteId);
      return { ...unit, flaggedAt: falseAlarmsOf(own).flaggedAt };
    });
  }

  /** Shows components of a site, all by one moment of the engine. */
  async #viewer(siteId: string): Promise<(row: FireComponentRow) => FireComponentView> {
    const devices = new Map<string, DeviceContext>();
    for (const each of await this.registry.devices.ofSite(siteId)) devices.set(each.device.id, each);
    const alarms = new Map<string, AlarmClass[]>();
    for (const view of this.engine.alarms()) {
      if (view.siteId !== siteId || !view.active || view.pointId === null) continue;
      alarms.set(view.pointId, [...(alarms.get(view.pointId) ?? []), toAlarm(view).class]);
    }
    return (row) => this.#view(row, devices.get(row.deviceId), alarms.get(row.pointId ?? '') ?? []);
  }

  #view(
    row: FireComponentRow,
    context: DeviceContext | undefined,
    alarms: readonly AlarmClass[],
  ): FireComponentView {
    const { createdAt, states: keys, ...component } = row;
    void createdAt;
    const deviation = this.#deviation(context);
    const type = row.componentType === null ? undefined : deviation.componentTypes.get(row.componentType);
    const system = deviation.systemTypes.get(row.systemType);
    const states = keys?.map((key) => ({ ...bitOf(key, deviation), key })) ?? null;
    const judged = judgeComponent({
      states,
      alarms,
      online: this.engine.connection(row.deviceId).state === 'online',
      quality: row.pointId === null ? undefined : (this.engine.latest(row.pointId)?.quality ?? null),
    });
    return {
      ...component,
      deviceName: context?.device.name ?? row.deviceId,
      systemName: system?.zh ?? null,
      systemNameEn: system?.en ?? null,
      typeName: type?.zh ?? null,
      typeNameEn: type?.en ?? null,
      states: states?.map(({ key, name }) => ({ key, name: name.zh, nameEn: name.en })) ?? null,
      ...judged,
    };
  }

  #deviation(context: DeviceContext | undefined): Deviation {
    return this.dialects.get(context?.device.dialect ?? '')?.deviation ?? STANDARD;
  }
}

function bitOf(key: string, { componentBits, systemBits }: Deviation): Pick<StatusBit, 'name' | 'signal'> {
  const bits = [...componentBits, ...STATUS_BITS.component, ...STATUS_BITS.system, ...systemBits];
  const bit = bits.find((each) => each.key === key);
  return bit ?? { name: key === 'test' ? TEST : { zh: key, en: key } };
}

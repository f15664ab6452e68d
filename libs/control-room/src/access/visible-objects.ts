import { Injectable } from '@nestjs/common';
import { type AlarmView, type Transition } from '@watchfire/alarm';
import { EngineHost } from '@watchfire/engine';
import { History } from '@watchfire/history';
import { type DeviceContext, Registry, type SiteRow } from '@watchfire/registry';
import { refuseGap } from '../views/history-gap.js';
import { Problem, type ProblemCode } from '../problem/problem.js';
import { type Visibility } from './visibility.js';

/** Objects by id for a person: what is foreign to them is not found, in the same words as what does not exist. */
@Injectable()
export class VisibleObjects {
  constructor(
    private readonly registry: Registry,
    private readonly engine: EngineHost,
    private readonly history: History,
  ) {}

  async device(
    id: string,
    visibility: Visibility,
    code: ProblemCode = 'device_unknown',
  ): Promise<DeviceContext> {
    const context = await this.registry.devices.context(id);
    if (context === undefined || !visibility.allows(context.enterprise.id)) throw new Problem(code);
    return context;
  }

  async site(id: string, visibility: Visibility): Promise<SiteRow> {
    const site = await this.registry.sites.find(id);
    if (site === undefined || !visibility.allows(site.enterpriseId)) throw new Problem('site_unknown');
    return site;
  }

  /** The device of a point; a point id is `{deviceId}.{key}`. */
  async deviceOfPoint(
    pointId: string,
    visibility: Visibility,
  ): Promise<{ context: DeviceContext; key: string }> {
    const dot = pointId.indexOf('.');
    if (dot < 0) throw new Problem('point_unknown');
    const context = await this.device(pointId.slice(0, dot), visibility, 'point_unknown');
    return { context, key: pointId.slice(dot + 1) };
  }

  /** The alarm as it stands, or as it last stood when it is no longer retained. */
  async alarm(id: string, visibility: Visibility): Promise<AlarmView> {
    // The history keeps views of this engine as they were, whole.
    const alarm = this.engine.alarm(id) ?? (await this.#past(id));
    if (alarm === undefined || !visibility.allows(alarm.enterpriseId)) throw new Problem('alarm_unknown');
    return alarm;
  }

  /** What has happened to it, in order; who asks may see the alarm. */
  async alarmEvents(id: string): Promise<readonly Transition[]> {
    await this.engine.historyCaughtUp();
    return (await this.history.alarmEvents(id)) as unknown as readonly Transition[];
  }

  async #past(id: string): Promise<AlarmView | undefined> {
    await this.engine.historyCaughtUp();
    const alarm = (await this.history.alarm(id)) as AlarmView | undefined;
    // It is not known to be unknown while a part of the history does not answer.
    if (alarm === undefined) await refuseGap(this.history, 0, Infinity);
    return alarm;
  }
}

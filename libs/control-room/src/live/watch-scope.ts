import { Inject, Injectable } from '@nestjs/common';
import { Catalogue } from '@watchfire/catalogue';
import { Registry } from '@watchfire/registry';
import { type ControlRoomSettings, SETTINGS } from '../dependencies.js';
import { Problem } from '../problem/problem.js';
import { type Visibility } from '../access/visibility.js';

/** Which of the points that a page names it may watch: the others are left out without a word. */
@Injectable()
export class WatchScope {
  constructor(
    private readonly registry: Registry,
    private readonly catalogue: Catalogue,
    @Inject(SETTINGS) private readonly settings: ControlRoomSettings,
  ) {}

  async visible(points: readonly string[], visibility: Visibility): Promise<Set<string>> {
    const most = this.settings.limits.watchedPoints;
    if (points.length > most) throw new Problem('invalid_request', `points: at most ${most}`);
    const keysByDevice = new Map<string, string[]>();
    for (const pointId of points) {
      const dot = pointId.indexOf('.');
      if (dot <= 0) continue;
      const deviceId = pointId.slice(0, dot);
      const keys = keysByDevice.get(deviceId) ?? [];
      keys.push(pointId.slice(dot + 1));
      keysByDevice.set(deviceId, keys);
    }
    const visible = new Set<string>();
    await Promise.all(
      [...keysByDevice].map(async ([deviceId, keys]) => {
        const context = await this.registry.devices.context(deviceId);
        if (context === undefined || !visibility.allows(context.enterprise.id)) return;
        const known = new Set(this.catalogue.profile(context.device.profile)?.points.map(({ key }) => key));
        for (const key of keys) if (known.has(key)) visible.add(`${deviceId}.${key}`);
      }),
    );
    return visible;
  }
}

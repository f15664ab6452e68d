import { Injectable } from '@nestjs/common';
import { Catalogue } from '@watchfire/catalogue';
import { MOST_POINTS } from '@watchfire/contracts';
import { type Visibility } from '../access/visibility.js';
import { VisibleObjects } from '../access/visible-objects.js';
import { Problem } from '../problem/problem.js';

export interface VisiblePoint {
  readonly pointId: string;
  readonly deviceId: string;
  readonly unit: string | null;
}

/** Points by id for a person: a foreign one is not found, as one that no profile has. */
@Injectable()
export class VisiblePoints {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly objects: VisibleObjects,
  ) {}

  async point(pointId: string, visibility: Visibility): Promise<VisiblePoint> {
    const { context, key } = await this.objects.deviceOfPoint(pointId, visibility);
    const points = this.catalogue.profile(context.device.profile)?.points ?? [];
    const point = points.find((each) => each.key === key);
    if (point === undefined) throw new Problem('point_unknown');
    return { pointId, deviceId: context.device.id, unit: point.unit };
  }

  /** The points of a list with commas, each once. */
  async points(list: string, visibility: Visibility): Promise<readonly VisiblePoint[]> {
    const ids = [...new Set(list.split(','))];
    if (ids.length > MOST_POINTS) {
      throw new Problem('invalid_request', `At most ${MOST_POINTS} points at once.`, {
        errors: [{ path: 'points', message: `at most ${MOST_POINTS}` }],
      });
    }
    const points: VisiblePoint[] = [];
    for (const id of ids) points.push(await this.point(id, visibility));
    return points;
  }
}

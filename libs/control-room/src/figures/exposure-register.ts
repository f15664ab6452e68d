import { Injectable } from '@nestjs/common';
import { type DeviceExposure, type Exposure, faultText } from '@watchfire/alarm';
import {
  type AlarmClass,
  type ExposureKindName,
  type ExposureShare,
  type ExposureSummary,
  type ExposureView,
  SAFETY_CLASSES,
} from '@watchfire/contracts';
import { Clock, EngineHost } from '@watchfire/engine';
import { blindShare, type ExposureSum, type SiteExposureSum, sumAll, sumBySite } from '@watchfire/figures';
import { type Visibility } from '../access/visibility.js';

/** A look at all points takes its time: it is not taken more often than this, nor more of the time than a twentieth. */
const FRESH_MS = 1_000;
const LOOK_SHARE = 20;

const SAFETY: ReadonlySet<string> = new Set(SAFETY_CLASSES);

interface Look {
  readonly at: number;
  readonly freshUntil: number;
  readonly entries: readonly ExposureView[];
  readonly sites: readonly SiteExposureSum[];
}

export interface ExposureFilter {
  readonly siteId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly kind?: ExposureKindName | undefined;
  readonly safety?: boolean | undefined;
}

/** What the centre does not see at present, from the engine; rules EX1 to EX9 of docs/spec/exposure.md. */
@Injectable()
export class ExposureRegister {
  #look: Look | undefined;

  constructor(
    private readonly engine: EngineHost,
    private readonly clock: Clock,
  ) {}

  /** What concerns safety first, then the oldest. */
  entries(filter: ExposureFilter, visibility: Visibility): readonly ExposureView[] {
    const { siteId, deviceId, kind, safety } = filter;
    return this.look().entries.filter(
      (entry) =>
        visibility.allows(entry.enterpriseId) &&
        (siteId === undefined || entry.siteId === siteId) &&
        (deviceId === undefined || entry.deviceId === deviceId) &&
        (kind === undefined || entry.kind === kind) &&
        (safety === undefined || entry.safety === safety),
    );
  }

  summary(visibility: Visibility): ExposureSummary {
    const { at, sites } = this.look();
    const visible = sites.filter(({ enterpriseId }) => visibility.allows(enterpriseId));
    return {
      at,
      total: shareOf(sumAll(visible)),
      sites: visible
        .toSorted((a, b) => blindShare(b) - blindShare(a) || b.blindPoints - a.blindPoints)
        .map((site) => ({ siteId: site.siteId, siteName: site.siteName, ...shareOf(site) })),
    };
  }

  /** Of everything, for the metrics. */
  total(): ExposureShare {
    return shareOf(sumAll(this.look().sites));
  }

  private look(): Look {
    const begin = this.clock.monotonicMs();
    if (this.#look !== undefined && begin < this.#look.freshUntil) return this.#look;
    const devices = [...this.engine.exposure(SAFETY)];
    const entries = devices
      .flatMap((exposure) => exposure.exposures.map((entry) => viewOf(exposure, entry)))
      .sort(compareExposures);
    const sites = sumBySite(devices);
    const took = this.clock.monotonicMs() - begin;
    const freshUntil = begin + Math.max(FRESH_MS, took * LOOK_SHARE);
    this.#look = { at: this.clock.now(), freshUntil, entries, sites };
    return this.#look;
  }
}

export type ExposureKey = Pick<ExposureView, 'safety' | 'since' | 'id'>;

/** What concerns safety first, then what is blind for longest; what is unknown is taken for old. */
export function compareExposures(a: ExposureKey, b: ExposureKey): number {
  return (
    Number(b.safety) - Number(a.safety) ||
    (a.since ?? 0) - (b.since ?? 0) ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}

function shareOf(sum: ExposureSum): ExposureShare {
  const { devices, points, safetyPoints, byKind } = sum;
  const { blindPoints, blindSafetyPoints, quietPoints, quietSafetyPoints } = sum;
  const counts = {
    devices,
    points,
    safetyPoints,
    blindPoints,
    blindSafetyPoints,
    quietPoints,
    quietSafetyPoints,
  };
  return { ...counts, byKind, blindShare: blindShare(sum) };
}

function viewOf({ device }: DeviceExposure, entry: Exposure): ExposureView {
  const { kind, pointId, ruleKey } = entry;
  const point = device.points.find((one) => one.pointId === pointId);
  return {
    id: [kind, device.deviceId, pointId ?? '', ruleKey ?? ''].join(' '),
    kind,
    siteId: device.siteId,
    siteName: device.siteName,
    enterpriseId: device.enterpriseId,
    enterpriseName: device.enterpriseName,
    deviceId: device.deviceId,
    deviceName: device.deviceName,
    pointId,
    pointName: point?.name.zh ?? null,
    pointNameEn: point?.name.en ?? null,
    ruleKey,
    since: entry.since,
    until: entry.until,
    by: entry.by,
    approvedBy: entry.approvedBy,
    reason: entry.fault === null ? entry.reason : faultText(entry.fault).zh,
    reasonEn: entry.reason,
    compensatingMeasure: entry.compensatingMeasure,
    points: entry.points,
    safety: entry.safety,
    drill: device.drill,
    rules: entry.rules.map((rule) => ({
      deviceId: rule.deviceId,
      key: rule.key,
      // The engine only carries the class; the catalogue has checked that it is one of these.
      class: rule.class as AlarmClass,
      title: rule.title.zh,
      titleEn: rule.title.en,
    })),
  };
}

import { EXPOSURE_KINDS, QUIET_KINDS, type DeviceExposure, type ExposureKind } from '@watchfire/alarm';

/** How much of a site, or of everything, is not watched. */
export interface ExposureSum {
  readonly devices: number;
  readonly points: number;
  readonly safetyPoints: number;
  readonly blindPoints: number;
  readonly blindSafetyPoints: number;
  /** Judged, but nobody is told; a blind point is not among them. */
  readonly quietPoints: number;
  readonly quietSafetyPoints: number;
  /** Blind and quiet points by their weightiest reason. */
  readonly byKind: Readonly<Record<ExposureKind, number>>;
}

export interface SiteExposureSum extends ExposureSum {
  readonly siteId: string;
  readonly siteName: string;
  readonly enterpriseId: string;
  readonly enterpriseName: string;
}

const NOTHING: ExposureSum = {
  devices: 0,
  points: 0,
  safetyPoints: 0,
  blindPoints: 0,
  blindSafetyPoints: 0,
  quietPoints: 0,
  quietSafetyPoints: 0,
  byKind: Object.fromEntries(EXPOSURE_KINDS.map((kind) => [kind, 0])) as Record<ExposureKind, number>,
};

/** By site, in the order of their ids. */
export function sumBySite(devices: Iterable<DeviceExposure>): readonly SiteExposureSum[] {
  const sites = new Map<string, SiteExposureSum>();
  for (const exposure of devices) {
    const { siteId, siteName, enterpriseId, enterpriseName } = exposure.device;
    const sum = sites.get(siteId) ?? { ...NOTHING, siteId, siteName, enterpriseId, enterpriseName };
    sites.set(siteId, { ...sum, ...plus(sum, ofDevice(exposure)) });
  }
  return [...sites.values()].sort((a, b) => (a.siteId < b.siteId ? -1 : 1));
}

export function sumAll(sites: readonly ExposureSum[]): ExposureSum {
  return sites.reduce(plus, NOTHING);
}

/** 0 to 1; of no safety points none is blind. [EX7] */
export function blindShare({ safetyPoints, blindSafetyPoints }: ExposureSum): number {
  return safetyPoints === 0 ? 0 : blindSafetyPoints / safetyPoints;
}

function ofDevice(exposure: DeviceExposure): ExposureSum {
  const { points, safetyPoints, blindSafetyPoints, quietSafetyPoints } = exposure;
  const byKind = { ...NOTHING.byKind, ...exposure.byKind };
  const count = (isQuiet: boolean): number =>
    EXPOSURE_KINDS.reduce((sum, kind) => sum + (QUIET_KINDS.has(kind) === isQuiet ? byKind[kind] : 0), 0);
  const [blindPoints, quietPoints] = [count(false), count(true)];
  return {
    devices: 1,
    points,
    safetyPoints,
    blindPoints,
    blindSafetyPoints,
    quietPoints,
    quietSafetyPoints,
    byKind,
  };
}

function plus(a: ExposureSum, b: ExposureSum): ExposureSum {
  return {
    devices: a.devices + b.devices,
    points: a.points + b.points,
    safetyPoints: a.safetyPoints + b.safetyPoints,
    blindPoints: a.blindPoints + b.blindPoints,
    blindSafetyPoints: a.blindSafetyPoints + b.blindSafetyPoints,
    quietPoints: a.quietPoints + b.quietPoints,
    quietSafetyPoints: a.quietSafetyPoints + b.quietSafetyPoints,
    byKind: Object.fromEntries(
      EXPOSURE_KINDS.map((kind) => [kind, a.byKind[kind] + b.byKind[kind]]),
    ) as Record<ExposureKind, number>,
  };
}

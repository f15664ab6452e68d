import { type LoadLimits } from '@watchfire/alarm';
import { DEFAULT_FIGURES, type FigureSettings } from '@watchfire/control-room';
import { type Settings } from '@watchfire/settings';

/** The settings of the figures in the units of the code; a target that is not named keeps the built-in one. */
export function figureSettings({ positions, limits, targets }: Settings['figures']): FigureSettings {
  return {
    positions,
    limits: {
      ...loadLimits(limits),
      standingMs: limits.standingHours * 3_600_000,
      binOver: limits.binOver,
      hourOver: limits.hourOver,
    },
    targets: {
      ...DEFAULT_FIGURES.targets,
      ...Object.fromEntries(targets.map(({ figure, ...target }) => [figure, target])),
    },
  };
}

/** What counts as a flood, as chattering and as fleeting: in the figures, and while it happens. */
export function loadLimits(limits: Settings['figures']['limits']): LoadLimits {
  return {
    floodBegin: limits.floodBegin,
    floodEnd: limits.floodEnd,
    floodWindowMs: limits.floodWindowMinutes * 60_000,
    chatteringCount: limits.chatteringCount,
    chatteringWithinMs: limits.chatteringWithinSeconds * 1_000,
    fleetingMs: limits.fleetingSeconds * 1_000,
  };
}

import { randomBytes } from 'node:crypto';
import { type FireDialect, offsetsOf } from '@watchfire/catalogue';
import { type DeviceCommands } from '@watchfire/commands';
import { type DutyDispatch, DutyScheduler, GuardWatch, unitsIn } from '@watchfire/duty';
import { type Clock, type FireComponentProjection } from '@watchfire/engine';
import { type DeviceDirectory } from '@watchfire/gateway';
import { type Journal } from '@watchfire/journal';
import { STANDARD } from '@watchfire/protocol';
import { type Registry } from '@watchfire/registry';
import { type Logger } from 'pino';
import { deviationOf } from './fire-door.js';

const SEED_BYTES = 16;

export interface DutyParts {
  readonly journal: Journal;
  readonly registry: Registry;
  readonly directory: DeviceDirectory;
  readonly dialects: ReadonlyMap<string, FireDialect>;
  readonly commands: DeviceCommands;
  readonly fireComponents: FireComponentProjection;
  readonly dutyDispatch: DutyDispatch;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Begins to carry out plans for duty checks, and to tell what comes of all of them. */
export function watchDuty(parts: DutyParts): { stop(): Promise<void> } {
  const { journal, registry, directory, dialects, commands, fireComponents, dutyDispatch, clock, log } =
    parts;
  const guard = new GuardWatch({
    ...{ journal, registry, clock, log },
    projected: () => Math.min(commands.offset, fireComponents.offset),
    pointOf: (deviceId, key) => directory.find(deviceId)?.points.get(key)?.pointId,
    utcOffsetOf: (deviceId) => (deviationOf(dialects, directory.find(deviceId)) ?? STANDARD).utcOffsetMinutes,
  });
  const scheduler = new DutyScheduler({
    ...{ registry, clock, log, offsetsOf },
    unitsOf: async (scope) => (await unitsIn(registry, scope)).siteIds,
    ask: (siteIds, order) => dutyDispatch.ask(siteIds, order),
    newSeed: () => randomBytes(SEED_BYTES).toString('base64url'),
  });
  guard.start();
  scheduler.start();
  return {
    stop: async () => {
      await scheduler.stop();
      await guard.stop();
    },
  };
}

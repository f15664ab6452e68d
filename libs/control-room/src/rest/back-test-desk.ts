import { Injectable } from '@nestjs/common';
import { pointsOf } from '@watchfire/alarm';
import { BackTestError, type BackTestDevice, type BackTestJob, BackTests } from '@watchfire/back-test';
import { spelledOut } from '@watchfire/catalogue';
import { Commissioning, CommissioningError } from '@watchfire/commissioning';
import { type backTestRequest, type BackTestAssumption, type BackTestView } from '@watchfire/contracts';
import { Clock, EngineHost } from '@watchfire/engine';
import { type DeviceContext } from '@watchfire/registry';
import { type z } from 'zod';
import { type Visibility } from '../access/visibility.js';
import { Problem } from '../problem/problem.js';
import { DeviceDesk } from './device-desk.js';

type Asked = z.infer<typeof backTestRequest>;

const PAGE = 500;

/** Makes a plan of what a person asks for, and shows what became of it. */
@Injectable()
export class BackTestDesk {
  constructor(
    private readonly tests: BackTests,
    private readonly devices: DeviceDesk,
    private readonly commissioning: Commissioning,
    private readonly engine: EngineHost,
    private readonly clock: Clock,
  ) {}

  async start(asked: Asked, username: string, visibility: Visibility): Promise<BackTestView> {
    const { ruleKey, from } = asked;
    const to = Math.min(asked.to, this.clock.now());
    if (from >= to) {
      throw new Problem('invalid_request', '`from` is not before now.', {
        errors: [{ path: 'from', message: 'must be before now' }],
      });
    }
    const devices = await this.tried(asked, visibility);
    if (!devices.every(isTestable)) {
      throw new BackTestError(
        'rule_not_testable',
        `Rule ${ruleKey} is about the link or the clock of the device, or reads other devices: their stored samples do not tell it.`,
      );
    }
    // What was received until now is part of what was asked for.
    await this.engine.historyCaughtUp();
    return viewOf(this.tests.start({ devices, ruleKey, from, to }, username));
  }

  find(id: string): BackTestView {
    const job = this.tests.find(id);
    if (job === undefined) throw new Problem('back_test_unknown');
    return viewOf(job);
  }

  async cancel(id: string): Promise<BackTestView> {
    await this.tests.cancel(id);
    return this.find(id);
  }

  /** Both versions of the rule on every device that was asked for. */
  private async tried(asked: Asked, visibility: Visibility): Promise<BackTestDevice[]> {
    const { deviceIds, siteId, profile, ruleKey, override } = asked;
    const { values } = spelledOut(override);
    const { rules } = this.commissioning;
    const tried: BackTestDevice[] = [];
    if (deviceIds !== undefined) {
      for (const id of new Set(deviceIds)) {
        await this.devices.objects.device(id, visibility);
        tried.push(await rules.tryOut(id, ruleKey, values));
      }
      return tried;
    }
    for await (const { device } of this.devicesOf(siteId, visibility)) {
      if (profile !== undefined && device.profile !== profile) continue;
      const one = await rules.tryOut(device.id, ruleKey, values).catch(unlessWithoutRule);
      if (one !== undefined) tried.push(one);
    }
    if (tried.length > 0) return tried;
    const where = siteId === undefined ? `profile ${profile}` : `site ${siteId}`;
    throw new Problem('rule_unknown', `No device of ${where} has a rule ${ruleKey}.`);
  }

  private async *devicesOf(
    siteId: string | undefined,
    { enterpriseId }: Visibility,
  ): AsyncGenerator<DeviceContext> {
    let cursor: string | undefined;
    do {
      const at = cursor === undefined ? {} : { cursor };
      const page = await this.devices.registry.devices.list({ limit: PAGE, ...at, siteId, enterpriseId });
      yield* page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}

/** Whether both versions read points of the device itself, and nothing else. */
function isTestable({ present, changed }: BackTestDevice): boolean {
  const own = new Set(present.points.map(({ pointId }) => pointId));
  return [...present.rules, ...changed.rules].every((rule) => {
    const read = pointsOf(rule);
    return read.length > 0 && read.every((pointId) => own.has(pointId));
  });
}

function unlessWithoutRule(error: unknown): undefined {
  if (error instanceof CommissioningError && error.code === 'rule_unknown') return undefined;
  throw error;
}

function viewOf({ id, owner, state, progress, createdAt, plan, result, failure }: BackTestJob): BackTestView {
  const { ruleKey, devices, from, to, warmUpMs } = plan;
  return {
    id,
    state,
    progress,
    createdAt,
    createdBy: owner,
    ruleKey,
    devices: devices.length,
    from,
    to,
    warmUpMs,
    assumptions: assumptionsOf(devices),
    result: result ?? null,
    failure: failure ?? null,
  };
}

function assumptionsOf(devices: readonly BackTestDevice[]): BackTestAssumption[] {
  const isOfSilence = devices.some(({ present, changed }) =>
    [...present.rules, ...changed.rules].some(({ condition }) => condition.kind === 'stale'),
  );
  return [
    'acknowledged-at-once',
    'present-rule-of-now',
    ...(isOfSilence ? (['server-absence-is-silence'] as const) : []),
  ];
}

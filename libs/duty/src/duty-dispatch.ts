import { createHash } from 'node:crypto';
import { CommandRefused, type DeviceCommands } from '@watchfire/commands';
import { type DutyAsked } from '@watchfire/contracts';
import { type DeviceContext, type Registry } from '@watchfire/registry';

export const DUTY_CHECK = 'duty_check';
/** So many commands of a group are on their way to the disk at once; the rest of the server goes on beside them. */
const AT_ONCE = 8;
/** As a command that says nothing else. */
const REPLY_TIMEOUT_MS = 30_000;

export interface DutyOrder {
  readonly minutes: number;
  readonly reason: string;
  readonly actor: string;
  /** The same for every attempt of one act: each device is then asked once, also over a restart. */
  readonly actId: string;
}

export interface DutyDispatchDependencies {
  readonly registry: Pick<Registry, 'devices'>;
  readonly commands: Pick<DeviceCommands, 'issue' | 'cancel' | 'listens'>;
  /** Whether a kind of device can be asked. */
  readonly offers: (profile: string) => boolean;
}

/** Asks every room of units whether somebody is there: one group after the other, a bounded number of rooms at a time. [FI29] */
export class DutyDispatch {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: DutyDispatchDependencies) {}

  /** In the order of the units. Rejects when the store took no more: the same order may then be given again. */
  ask(siteIds: readonly string[], order: DutyOrder): Promise<DutyAsked[]> {
    const work = this.#turn.then(() => this.#askAll(siteIds, order));
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async #askAll(siteIds: readonly string[], order: DutyOrder): Promise<DutyAsked[]> {
    const results: DutyAsked[][] = [];
    const waiting = [...siteIds.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        results[next[0]] = await this.#askUnit(next[1], order);
    };
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    // Not before all have ended: the next group must not run beside what is left of this one.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return results.flat();
  }

  async #askUnit(siteId: string, order: DutyOrder): Promise<DutyAsked[]> {
    const devices = await this.deps.registry.devices.ofSite(siteId);
    const rooms = devices.filter(({ device }) => this.deps.offers(device.profile));
    if (rooms.length === 0)
      return [{ siteId, deviceId: null, result: 'refused', code: 'no_device', checkId: null }];
    const results: DutyAsked[] = [];
    for (const room of rooms) results.push(await this.#askRoom(room, order));
    return results;
  }

  async #askRoom({ device, site }: DeviceContext, order: DutyOrder): Promise<DutyAsked> {
    const { commands } = this.deps;
    const { id: deviceId } = device;
    const about = { siteId: site.id, deviceId };
    if (device.disabled) return { ...about, result: 'refused', code: 'device_disabled', checkId: null };
    const { minutes, reason, actor, actId } = order;
    const commandId = checkIdOf(actId, deviceId);
    try {
      const { state } = await commands.issue({
        ...{ deviceId, commandId, command: DUTY_CHECK, params: { minutes }, actor, reason },
        replyTimeoutMs: REPLY_TIMEOUT_MS,
      });
      const isWaiting = state === 'accepted' && !commands.listens(deviceId);
      const isOver = state === 'expired' || state === 'cancelled' || state === 'refused';
      const neverSent = isOver || (isWaiting && (await this.#takenBack(deviceId, commandId, actor)));
      return { ...about, result: neverSent ? 'undelivered' : 'sent', code: null, checkId: commandId };
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      return { ...about, result: 'refused', code: error.code, checkId: null };
    }
  }

  /** A guard who is asked when the connection comes back is asked at a moment that nobody chose. */
  async #takenBack(deviceId: string, commandId: string, actor: string): Promise<boolean> {
    try {
      await this.deps.commands.cancel(deviceId, commandId, { actor, reason: 'not connected' });
      return true;
    } catch (error) {
      // It has connected in this moment, and was asked.
      if (error instanceof CommandRefused && error.code === 'command_not_waiting') return false;
      throw error;
    }
  }
}

function checkIdOf(actId: string, deviceId: string): string {
  return `cmd-${createHash('sha256').update(`${actId}\n${deviceId}`).digest('hex').slice(0, 24)}`;
}

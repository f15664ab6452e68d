import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandRefused, type NewDeviceCommand } from '@watchfire/commands';
import { type DeviceCommandRow } from '@watchfire/registry';
import { TemporaryRegistry } from '@watchfire/testing';
import { DutyDispatch } from './duty-dispatch.js';

const ROOMS = 20;
const ORDER = { minutes: 10, reason: '夜间', actor: 'amy', actId: 'act-1' };

/** A real registry, and commands that are kept by their ids as `DeviceCommands` keeps them. */
describe('[FI29] asking a group', () => {
  let store: TemporaryRegistry;
  let dispatch: DutyDispatch;
  let rows: Map<string, DeviceCommandRow>;
  let listening: Set<string>;
  let storeFails: boolean;
  let running: number;
  let most: number;
  let order: string[];
  /** What a command waits for on its way to the disk. */
  let stored: () => Promise<void>;
  const sites = Array.from({ length: ROOMS }, (_, n) => `site-${n}`);

  beforeEach(async () => {
    store = await TemporaryRegistry.open();
    rows = new Map();
    listening = new Set();
    order = [];
    stored = () => new Promise(setImmediate);
    [storeFails, running, most] = [false, 0, 0];
    for (let n = 0; n < ROOMS; n++) {
      await store.device(`room-${n}`, 'fire.uitd', `${n}`);
      if (n % 2 === 0) listening.add(`room-${n}`);
    }
    dispatch = new DutyDispatch({
      registry: store.registry,
      commands: { issue, cancel, listens: (deviceId) => listening.has(deviceId) },
      offers: (profile) => profile === 'fire.uitd',
    });
  });
  afterEach(() => store.remove());

  async function issue({ commandId = '', deviceId, reason }: NewDeviceCommand): Promise<DeviceCommandRow> {
    most = Math.max(most, ++running);
    await stored();
    running--;
    if (storeFails && rows.size >= 5) throw new Error('the disk is full');
    const state = listening.has(deviceId) ? 'sent' : 'accepted';
    const row = rows.get(commandId) ?? ({ id: commandId, deviceId, state } as DeviceCommandRow);
    rows.set(commandId, row);
    order.push(reason);
    return row;
  }
  function cancel(deviceId: string, id: string): Promise<DeviceCommandRow> {
    const row = rows.get(id);
    if (listening.has(deviceId) || row === undefined)
      return Promise.reject(new CommandRefused('command_not_waiting', 'sent'));
    const cancelled: DeviceCommandRow = { ...row, state: 'cancelled' };
    rows.set(id, cancelled);
    return Promise.resolve(cancelled);
  }

  it('asks each room once, in the order of the units, however often the act is given', async () => {
    const first = await dispatch.ask(sites, ORDER);
    expect(first.map(({ siteId }) => siteId)).toEqual(sites);
    expect(first.map(({ result }) => result)).toEqual(
      sites.map((_, n) => (n % 2 === 0 ? 'sent' : 'undelivered')),
    );
    expect(await dispatch.ask(sites, ORDER)).toEqual(first);
    expect(rows.size).toBe(ROOMS);
    await dispatch.ask(sites, { ...ORDER, actId: 'act-2' });
    expect(rows.size).toBe(2 * ROOMS);
  });

  it('goes on where it was when the store took no more', async () => {
    storeFails = true;
    await expect(dispatch.ask(sites, ORDER)).rejects.toThrow('the disk is full');
    storeFails = false;
    expect(await dispatch.ask(sites, ORDER)).toHaveLength(ROOMS);
    expect(rows.size).toBe(ROOMS);
  });

  it('asks eight at a time, and one group after the other', async () => {
    const held: (() => void)[] = [];
    stored = () => new Promise((resolve) => held.push(resolve));
    const asked = Promise.all([
      dispatch.ask(sites, { ...ORDER, reason: 'first' }),
      dispatch.ask(sites, { ...ORDER, reason: 'second', actId: 'act-2' }),
    ]);
    while (held.length < 8) await new Promise(setImmediate);
    // Behind whatever a ninth would have asked of the registry.
    await store.registry.devices.ofSite('site-0');
    expect(held).toHaveLength(8);
    stored = () => new Promise(setImmediate);
    for (const go of held) go();
    await asked;
    expect(most).toBe(8);
    expect(order).toEqual([...Array<string>(ROOMS).fill('first'), ...Array<string>(ROOMS).fill('second')]);
  });

  it('has asked one that connects in the moment in which it was to be taken back', async () => {
    dispatch = new DutyDispatch({
      registry: store.registry,
      commands: {
        issue,
        listens: () => false,
        cancel: () => Promise.reject(new CommandRefused('command_not_waiting', 'sent')),
      },
      offers: () => true,
    });
    expect(await dispatch.ask(['site-1'], { ...ORDER, actId: 'act-3' })).toMatchObject([
      { deviceId: 'room-1', result: 'sent' },
    ]);
  });
});

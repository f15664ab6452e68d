import { describe, expect, it } from '@jest/globals';
import { decodeAdu } from './adu.js';
import { FIRE_COMMANDS, fireRequest, repliedObjects } from './commands.js';
import { STANDARD } from './deviation.js';
import { decodeFrame } from './frame.js';
import { LAYOUTS } from './layouts.js';
import { hex, toHex, workedFrames } from '../../spec/gb26875/worked-frames.js';

const NOW = Date.parse('2026-11-21T08:30:15+08:00');

function asked(command: string, params: Readonly<Record<string, unknown>> = {}): string {
  const request = fireRequest({ command, params }, STANDARD, NOW);
  return 'refused' in request ? `refused: ${request.refused}` : `${request.kind} ${toHex(request.adu)}`;
}
const aduOf = (id: keyof typeof workedFrames): string => {
  const decoded = decodeFrame(hex(workedFrames[id]));
  return decoded.ok ? toHex(decoded.frame.adu) : '';
};

describe('commands for fire-control rooms', () => {
  it('[FI21] are the frames of the standard', () => {
    const system = { systemType: 1, systemAddress: 1 };
    const midnight = Date.parse('2026-11-21T00:00:00+08:00');
    expect(asked('read_component', { address: '3/17' })).toBe(`read-component-state ${aduOf('K11')}`);
    expect(asked('read_analog', { systemType: 12, systemAddress: 1, address: '1/5' })).toBe(
      `read-component-analog ${aduOf('K13')}`,
    );
    expect(asked('read_records', { ...system, count: 10, from: midnight })).toBe(
      `read-facility-operations ${aduOf('K15')}`,
    );
    expect(asked('read_records', { count: 10, from: midnight })).toBe(
      `read-device-operations ${aduOf('K25')}`,
    );
    expect(asked('read_version', system)).toBe(`read-facility-version ${aduOf('K17')}`);
    expect(asked('read_configuration', system)).toBe(`read-system-configuration ${aduOf('K19')}`);
    expect(asked('read_configuration', { ...system, address: '3/17' })).toBe(
      `read-component-configuration ${aduOf('K21')}`,
    );
    expect(asked('read_configuration')).toBe(`read-device-configuration ${aduOf('K27')}`);
    expect(asked('read_clock', system)).toBe(`read-facility-time ${aduOf('K23')}`);
    expect(asked('sync_clock')).toBe(`synchronise-clock ${aduOf('K29')}`);
    expect(asked('duty_check')).toBe(`duty-check ${aduOf('K31')}`);
    expect(asked('read_state')).toBe(`read-device-state ${aduOf('A8')}`);
    expect(asked('read_state', system)).toBe('read-system-state 3D010101');
    expect(asked('read_now')).toBe(asked('read_state'));
    expect(asked('read_version')).toBe('read-device-version 550100');
    expect(asked('read_clock')).toBe('read-device-time 580100');
    expect(asked('initialise')).toBe('initialise-device 590100');
  });

  it('[FI21] each has a form, and what has none is refused with its reason', () => {
    for (const command of FIRE_COMMANDS) expect(asked(command, { address: '1/1' })).not.toContain('refused');
    expect(asked('close_valve')).toBe('refused: a fire-control room has no command close_valve');
    expect(asked('read_component')).toBe('refused: address: must be a text of 2 numbers with / between them');
    expect(asked('read_component', { address: '3/65536' })).toContain('refused: address');
    expect(asked('read_state', { systemType: 1 })).toBe(
      'refused: systemAddress: must be an integer from 0 to 255',
    );
    expect(asked('duty_check', { minutes: 0 })).toBe('refused: minutes: must be an integer from 1 to 255');
    expect(asked('read_records', { count: 103 })).toContain('refused: count');
    expect(asked('read_records', { from: 0 })).toContain('refused: time label');
  });

  it('[FI21] a reply is told as JSON', () => {
    const decoded = decodeFrame(hex(workedFrames.K12));
    if (!decoded.ok) throw new Error('K12');
    const [told] = repliedObjects(decodeAdu(decoded.frame.adu));
    expect(JSON.parse(JSON.stringify(told))).toEqual({
      kind: 'component-state',
      systemType: 1,
      systemAddress: 1,
      componentType: 42,
      componentAddress: 0x0011_0003,
      status: 1,
      description: '3号楼5层走廊烟感',
      time: Date.parse('2026-11-21T08:30:12+08:00'),
    });
    expect(LAYOUTS['component-state'].type).toBe(decodeAdu(decoded.frame.adu).type);
  });
});

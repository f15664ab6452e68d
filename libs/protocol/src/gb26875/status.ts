import { type CodeName } from './names.js';

/** What the alarm classes of the contract are raised by. */
export type FireSignal = 'fire' | 'fault' | 'shield' | 'supervisory';

export interface StatusBit {
  readonly bit: number;
  readonly key: string;
  readonly name: CodeName;
  /** Absent: a state that people look at and that is no alarm. */
  readonly signal?: FireSignal;
}

export type StatusOf = 'system' | 'component' | 'device';

const bit = (number: number, key: string, zh: string, en: string, signal?: FireSignal): StatusBit => ({
  bit: number,
  key,
  name: { zh, en },
  ...(signal === undefined ? {} : { signal }),
});

/** In the status of systems, components and the device alike. */
export const FIRE_BIT = 1;

const FIRE = bit(FIRE_BIT, 'fire', '火警', 'Fire alarm', 'fire');
const FAULT = bit(2, 'fault', '故障', 'Fault', 'fault');
const OF_FACILITY = [
  FIRE,
  FAULT,
  bit(3, 'shield', '屏蔽', 'Shielded', 'shield'),
  bit(4, 'supervisory', '监管', 'Supervisory', 'supervisory'),
  bit(5, 'started', '启动（开启）', 'Started (open)'),
  bit(6, 'feedback', '反馈', 'Feedback'),
  bit(7, 'delayed', '延时', 'Delay'),
];

/** Bit 0 is not listed: it is `NORMAL_BIT`, and what it means is a matter of the device profile. */
export const STATUS_BITS: Readonly<Record<StatusOf, readonly StatusBit[]>> = {
  system: [
    ...OF_FACILITY,
    bit(8, 'main_power_fault', '主电故障', 'Main power fault', 'fault'),
    bit(9, 'backup_power_fault', '备电故障', 'Backup power fault', 'fault'),
    bit(10, 'bus_fault', '总线故障', 'Bus fault', 'fault'),
    bit(11, 'manual', '手动', 'Manual'),
    bit(12, 'configuration_changed', '配置改变', 'Configuration changed'),
    bit(13, 'reset', '复位', 'Reset'),
  ],
  component: [...OF_FACILITY, bit(8, 'power_fault', '电源故障', 'Power fault', 'fault')],
  device: [
    FIRE,
    FAULT,
    bit(3, 'main_power_fault', '主电故障', 'Main power fault', 'fault'),
    bit(4, 'backup_power_fault', '备电故障', 'Backup power fault', 'fault'),
    bit(5, 'channel_fault', '与监控中心通信信道故障', 'Fault of the channel to the centre', 'fault'),
    bit(6, 'line_fault', '监测连接线路故障', 'Fault of the line to the panel', 'fault'),
  ],
};

/** 1 is normal running and 0 is test, says the standard; devices send fire with it at 0, and some mean the opposite. */
export const NORMAL_BIT = 0;

/** A 1 says that the operation was done; operations are never states. */
export type OperationOf = 'facility' | 'device';

const OPERATION_NAMES: Readonly<Record<string, CodeName>> = {
  reset: { zh: '复位', en: 'Reset' },
  silence: { zh: '消音', en: 'Silence' },
  manual_alarm: { zh: '手动报警', en: 'Manual alarm' },
  alarm_cleared: { zh: '警情消除', en: 'Alarm cleared' },
  self_test: { zh: '自检', en: 'Self-test' },
  confirm: { zh: '确认', en: 'Confirm' },
  duty_answer: { zh: '查岗应答', en: 'Duty-check answer' },
  test: { zh: '测试', en: 'Test' },
};

const FACILITY = [
  'reset',
  'silence',
  'manual_alarm',
  'alarm_cleared',
  'self_test',
  'confirm',
  'test',
] as const;
const DEVICE = [
  'reset',
  'silence',
  'manual_alarm',
  'alarm_cleared',
  'self_test',
  'duty_answer',
  'test',
] as const;

/** By bit, from 0. */
export const OPERATIONS = { facility: FACILITY, device: DEVICE } as const;

export type OperationKey = (typeof FACILITY)[number] | (typeof DEVICE)[number];

export function operationsOf(of: OperationOf, flags: number): readonly OperationKey[] {
  return OPERATIONS[of].filter((_, index) => isSet(flags, index));
}

export function operationName(key: OperationKey): CodeName {
  return OPERATION_NAMES[key] ?? { zh: key, en: key };
}

export function isSet(mask: number, number: number): boolean {
  return ((mask >>> number) & 1) === 1;
}

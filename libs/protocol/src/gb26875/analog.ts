import { type CodeName } from './names.js';

/** What an analog type measures: value = int16 × resolution. */
export interface AnalogScale {
  readonly quantity: CodeName;
  readonly unit: string;
  readonly resolution: number;
  readonly min?: number;
  readonly max?: number;
}

export type AnalogScales = ReadonlyMap<number, AnalogScale>;

const scale = (
  zh: string,
  en: string,
  unit: string,
  resolution: number,
  [min, max]: readonly [number, number],
): AnalogScale => ({ quantity: { zh, en }, unit, resolution, min, max });

/** 0 is unused, 13–127 are reserved, 128–255 user-defined. */
export const ANALOG_TYPES: AnalogScales = new Map([
  [1, scale('事件计数', 'Event count', '件', 1, [0, 32_000])],
  [2, scale('高度', 'Height', 'm', 0.01, [0, 320])],
  [3, scale('温度', 'Temperature', '℃', 0.1, [-273, 3_200])],
  [4, scale('压力', 'Pressure', 'MPa', 0.1, [0, 3_200])],
  [5, scale('压力', 'Pressure', 'kPa', 0.1, [0, 3_200])],
  [6, scale('气体浓度', 'Gas concentration', '%LEL', 0.1, [0, 100])],
  [7, scale('时间', 'Time', 's', 1, [0, 32_000])],
  [8, scale('电压', 'Voltage', 'V', 0.1, [0, 3_200])],
  [9, scale('电流', 'Current', 'A', 0.1, [0, 3_200])],
  [10, scale('流量', 'Flow', 'L/s', 0.1, [0, 3_200])],
  [11, scale('风量', 'Air volume', 'm³/min', 0.1, [0, 3_200])],
  [12, scale('风速', 'Wind speed', 'm/s', 1, [0, 20])],
]);

export interface AnalogReading extends AnalogScale {
  readonly value: number;
  /** Outside of what the type can mean: a broken sensor or another scale than the profile says. */
  readonly implausible?: true;
}

/** `undefined`: nobody knows what the type measures. */
export function analogReading(type: number, raw: number, scales: AnalogScales): AnalogReading | undefined {
  const found = scales.get(type);
  if (found === undefined) return undefined;
  // 3505 × 0.1 is 350.5 and not 350.50000000000006.
  const value = Number((raw * found.resolution).toPrecision(9));
  const isOutside = value < (found.min ?? -Infinity) || value > (found.max ?? Infinity);
  return { ...found, value, ...(isOutside ? { implausible: true as const } : {}) };
}

/** The int16 nearest to a value, or `undefined` where it does not fit. */
export function analogRaw(type: number, value: number, scales: AnalogScales): number | undefined {
  const found = scales.get(type);
  if (found === undefined) return undefined;
  const raw = Math.round(value / found.resolution);
  return raw >= -32_768 && raw <= 32_767 ? raw : undefined;
}

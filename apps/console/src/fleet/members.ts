import { type DeviceMember, type DeviceView, type PointView, type RoleView } from '@watchfire/contracts';

/** A point that a device of logic can read, with the device that it belongs to. */
export interface Candidate {
  readonly device: DeviceView;
  readonly point: PointView;
}

/** Points of the other devices of its site, without those that are in this role already. */
export function candidates(own: DeviceView, devices: readonly DeviceView[], role: string): Candidate[] {
  const taken = new Set(own.members.flatMap((one) => (one.role === role ? one.pointId : [])));
  return devices
    .filter(({ siteId, deviceId, logic }) => siteId === own.siteId && deviceId !== own.deviceId && !logic)
    .flatMap((device) => device.points.map((point) => ({ device, point })))
    .filter(({ point }) => !taken.has(point.pointId));
}

export type Test = 'values' | 'atLeast' | 'atMost';
export type PointType = 'number' | 'boolean' | 'string';

/** What a form says of a new member; `text` is what was typed. Null while it does not make sense. */
export function memberOf(
  role: RoleView,
  pointId: string,
  type: PointType,
  { test, text }: { readonly test: Test; readonly text: string },
): DeviceMember | null {
  const member = { role: role.key, pointId };
  if (pointId === '') return null;
  if (role.reads === 'alarms') return member;
  if (type === 'boolean') return { ...member, values: [text !== 'false'] };
  if (text.trim() === '') return null;
  if (type === 'string') return { ...member, values: text.split(/[,，]/).map((one) => one.trim()) };
  const number = Number(text);
  if (!Number.isFinite(number)) return null;
  return test === 'values' ? { ...member, values: [number] } : { ...member, [test]: number };
}

/** `≥ 25 %LEL`; empty where the alarms of the point count. */
export function testText({ values, atLeast, atMost }: DeviceMember, unit: string | null): string {
  const withUnit = (value: unknown): string => (unit === null ? String(value) : `${String(value)} ${unit}`);
  if (values !== undefined) return `= ${values.map(withUnit).join(', ')}`;
  return [
    ...(atLeast === undefined ? [] : [`≥ ${withUnit(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${withUnit(atMost)}`]),
  ].join(' / ');
}

/**
 * A point of another device of the same site that the rules of a device of logic read (a voting group, a fire zone, a risk
 * area). What its profile calls the role says what the point is for.
 */
export interface DeviceMember {
  /** Key of a role of the profile. */
  readonly role: string;
  readonly pointId: string;
  /** In alarm while the value is one of these. Default for a boolean point: `[true]`. */
  readonly values?: readonly (number | boolean | string)[] | undefined;
  /** In alarm at `value >= atLeast`; unit of the point. */
  readonly atLeast?: number | undefined;
  /** In alarm at `value <= atMost`; unit of the point. */
  readonly atMost?: number | undefined;
}

export const MOST_MEMBERS = 200;

/** What a role of a profile of logic asks of its members. */
export interface RoleView {
  readonly key: string;
  readonly name: string;
  readonly nameEn: string;
  /** `values`: each says when its value counts as an alarm. `alarms`: the alarms of the point count, nothing is to be said. */
  readonly reads: 'values' | 'alarms';
  readonly least: number;
}

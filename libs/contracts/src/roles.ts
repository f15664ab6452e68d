export const ROLES = ['administrator', 'supervisor', 'operator', 'dispatcher', 'enterprise'] as const;
export type Role = (typeof ROLES)[number];

/** Who handles alarms; a supervisor stands in where a shift is thin. */
export const ALARM_HANDLERS = [
  'operator',
  'dispatcher',
  'supervisor',
  'administrator',
] as const satisfies readonly Role[];
/** Who may make an alarm quiet for a time, and who for longer; the latter also change rules and agree to what others ask for. */
export const SHELVERS = ['operator', 'supervisor', 'administrator'] as const satisfies readonly Role[];
export const MAINTAINERS = ['supervisor', 'administrator'] as const satisfies readonly Role[];

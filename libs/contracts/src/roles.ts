export const ROLES = ['administrator', 'supervisor', 'operator', 'dispatcher', 'enterprise'] as const;
export type Role = (typeof ROLES)[number];

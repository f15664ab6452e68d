import { type PartialRationalisation, type Rationalisation } from '@watchfire/contracts';

const PARTS = [
  'consequence',
  'cause',
  'action',
  'timeToActSeconds',
  'approver',
  'reviewBy',
] as const satisfies readonly (keyof Rationalisation)[];

/** A rule that lacks a part of its rationalisation runs, and is called provisional. */
export function isProvisional(rationalisation: PartialRationalisation): boolean {
  return PARTS.some((part) => rationalisation[part] === undefined);
}

/** How many of the rules that run are provisional. Disabled ones do not count. */
export function provisionalShare(
  rules: Iterable<{ readonly enabled: boolean; readonly provisional: boolean }>,
): { readonly rules: number; readonly provisional: number } {
  let running = 0;
  let provisional = 0;
  for (const rule of rules) {
    if (!rule.enabled) continue;
    running += 1;
    if (rule.provisional) provisional += 1;
  }
  return { rules: running, provisional };
}

import { type Rule } from './model.js';

/** Of an alarm that the engine itself raises and returns: no value judges it. Severity 1 to 1000 (OPC UA A&C). */
export function neverJudged(severity: number, onDelayMs = 0): Rule['condition'] {
  return {
    kind: 'boolean',
    logic: { is: 'and', terms: [] },
    level: null,
    severity,
    onDelayMs,
    offDelayMs: 0,
  };
}

import { percent } from '../exposure/register.js';
import { formatAge } from '../locales/format.js';
import { type FigureUnit } from './figure-rows.js';

/** Two decimals tell enough, and something is never nothing. */
function rate(value: number): string {
  const rounded = Number(value.toFixed(value < 10 ? 2 : 1));
  return rounded === 0 && value > 0 ? '<0.01' : String(rounded);
}

/** A figure as a person reads it; a dash where there is nothing to say it of. */
export function figureText(value: number | null, unit: FigureUnit): string {
  if (value === null) return '—';
  switch (unit) {
    case 'count':
      return String(value);
    case 'rate':
      return rate(value);
    case 'share':
      return percent(value);
    case 'time':
      return formatAge(value);
  }
}

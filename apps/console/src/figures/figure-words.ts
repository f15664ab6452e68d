import { percent } from '../exposure/register.js';
import { formatAge, formatNumber } from '../locales/format.js';
import { type FigureUnit } from './figure-rows.js';

/** A figure as a person reads it; a dash where there is nothing to say it of. */
export function figureText(value: number | null, unit: FigureUnit): string {
  if (value === null) return '—';
  switch (unit) {
    case 'count':
      return String(value);
    case 'rate':
      return formatNumber(value);
    case 'share':
      return percent(value);
    case 'time':
      return formatAge(value);
  }
}

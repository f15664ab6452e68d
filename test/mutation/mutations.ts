import { RULES } from './rules.js';
import { STATE_TABLE } from './state-table.js';

export const MUTATIONS = [...STATE_TABLE, ...RULES] as const;

import { type Kysely, type Transaction } from 'kysely';
import { type RegistrySchema } from './schema.js';

export type Database = Kysely<RegistrySchema>;
export type Work = Transaction<RegistrySchema>;
export type Now = () => number;

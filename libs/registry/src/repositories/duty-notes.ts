import { type DutyCheckVerdict } from '@watchfire/contracts';
import { type Database } from '../database.js';

/** What the journal says of a duty check: that it has closed, or that the key was pressed after that. */
export interface DutyNote {
  readonly checkId: string;
  readonly what: 'closed' | 'late';
  readonly deviceId: string;
  /** `null`: it was made before anything was noted of duty checks. */
  readonly verdict: DutyCheckVerdict | null;
  /** When it closed, or the key was pressed; epoch ms. */
  readonly at: number;
  /** Of the journal, which may deliver it twice. */
  readonly offset: number;
}

/** What says something of the guard. */
const TELLING = ['present', 'absent'] as const;

/** Notes of the journal about duty checks, as a projection of it: each once. */
export class DutyNoteRepository {
  constructor(private readonly db: Database) {}

  async put(notes: readonly DutyNote[]): Promise<void> {
    if (notes.length === 0) return;
    await this.db
      .insertInto('dutyNote')
      .values([...notes])
      .onConflict((on) => on.columns(['checkId', 'what']).doNothing())
      .execute();
  }

  /** How many checks in a row nobody of the device has answered, by the notes that are here. */
  async missedInARow(deviceId: string): Promise<number> {
    const ofDevice = this.db.selectFrom('dutyNote').where('deviceId', '=', deviceId);
    const end = await ofDevice
      .where((is) => is.or([is('verdict', '=', 'present'), is('what', '=', 'late')]))
      .select((is) => is.fn.max('offset').as('offset'))
      .executeTakeFirst();
    const { count } = await ofDevice
      .where('what', '=', 'closed')
      .where('verdict', '=', 'absent')
      .where('offset', '>', end?.offset ?? 0)
      .select((is) => is.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Devices of which the newest that is known is that nobody answered: the note of that check. A look at all notes. */
  async missed(): Promise<DutyNote[]> {
    const newest = this.db
      .selectFrom('dutyNote')
      .where('verdict', 'in', TELLING)
      .groupBy('deviceId')
      .select((is) => ['deviceId', is.fn.max('at').as('at')] as const);
    const rows = await this.db
      .selectFrom('dutyNote')
      .innerJoin(newest.as('newest'), (on) =>
        on.onRef('newest.deviceId', '=', 'dutyNote.deviceId').onRef('newest.at', '=', 'dutyNote.at'),
      )
      .selectAll('dutyNote')
      .where('dutyNote.verdict', 'in', TELLING)
      .orderBy('dutyNote.offset')
      .execute();
    // Of one time the one that the journal has last.
    const byDevice = new Map(rows.map((row) => [row.deviceId, row]));
    return [...byDevice.values()].filter(({ what, verdict }) => what === 'closed' && verdict === 'absent');
  }
}

/** Something of a frame or an ADU that cannot be used: where it is and what it is. */
export interface FieldProblem {
  /** Byte offset, from 0, in what was decoded. */
  readonly offset: number;
  /** As in the reference: `adu length`, `component address`. */
  readonly field: string;
  readonly message: string;
}

/** What the caller wants to send has no form on the wire. Decoding never throws; it answers with problems. */
export class Gb26875Error extends Error {
  override readonly name = 'Gb26875Error';

  constructor(
    readonly field: string,
    reason: string,
    /** Where the field would have been, from 0. */
    readonly offset?: number,
  ) {
    super(`${field}${offset === undefined ? '' : ` at byte ${offset}`}: ${reason}`);
  }
}

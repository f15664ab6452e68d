import { type UserRow } from '@watchfire/registry';

/**
 * Whose data a person may see. Everything that names an enterprise is asked here, and the answer for a foreign object is
 * always "not found", so that nobody learns that it exists.
 */
export class Visibility {
  /** The only enterprise that may be seen; `undefined` where all may be. */
  readonly enterpriseId: string | undefined;

  private constructor(enterpriseId: string | undefined) {
    this.enterpriseId = enterpriseId;
  }

  static of(user: Pick<UserRow, 'role' | 'enterpriseId'>): Visibility {
    if (user.role !== 'enterprise') return new Visibility(undefined);
    // No id is a space: a person of the role `enterprise` without one sees nothing, not even what is of no enterprise.
    return new Visibility(user.enterpriseId ?? ' ');
  }

  allows(enterpriseId: string): boolean {
    return this.enterpriseId === undefined || this.enterpriseId === enterpriseId;
  }

  /** The server-made room of live pages that see the same. */
  get room(): string {
    return this.enterpriseId === undefined ? 'all' : `enterprise:${this.enterpriseId}`;
  }
}

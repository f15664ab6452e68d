export interface CatalogueProblem {
  readonly file: string;
  /** Path inside the file, dotted, empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** Everything that is wrong with the files, at once. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';

  constructor(readonly problems: readonly CatalogueProblem[]) {
    super(problems.map((one) => `${one.file}${one.path && `: ${one.path}`}: ${one.message}`).join('\n'));
  }
}

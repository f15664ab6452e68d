import { type GridCell } from '@watchfire/contracts';

/** District, streets and communities: everything belongs to a cell and to the cells above it. */
export class Grid {
  private readonly cells: ReadonlyMap<string, GridCell>;

  constructor(cells: readonly GridCell[]) {
    this.cells = new Map(cells.map((cell) => [cell.code, cell]));
  }

  get(code: string): GridCell | undefined {
    return this.cells.get(code);
  }

  at(level: GridCell['level']): GridCell[] {
    return [...this.cells.values()].filter((cell) => cell.level === level);
  }

  /** The cell and those above it, outermost first. */
  path(code: string | null): GridCell[] {
    const path: GridCell[] = [];
    for (
      let cell = code === null ? undefined : this.cells.get(code);
      cell !== undefined && path.length < 8;
    ) {
      path.unshift(cell);
      cell = cell.parentCode === null ? undefined : this.cells.get(cell.parentCode);
    }
    return path;
  }

  /** The street and community of a code, for a row: `宝塔桥街道 · 幕府社区`. */
  label(code: string | null): string {
    const path = this.path(code).filter((cell) => cell.level !== 'district');
    return path.length === 0 ? (code ?? '') : path.map((cell) => cell.name).join(' · ');
  }

  within(code: string | null, ancestor: string): boolean {
    return code === ancestor || this.path(code).some((cell) => cell.code === ancestor);
  }
}

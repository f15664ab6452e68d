import { type DutyScope } from '@watchfire/contracts';
import { type Registry } from '@watchfire/registry';

const PAGE = 1_000;

export interface UnitsAsked {
  readonly siteIds: readonly string[];
  /** Named, and no fire unit that the asker may see. */
  readonly unknown: readonly string[];
}

/** The fire units of a scope, of those that are of `enterpriseId` or, where it is not given, of all. */
export async function unitsIn(
  { fireUnits, grid }: Pick<Registry, 'fireUnits' | 'grid'>,
  scope: DutyScope,
  enterpriseId?: string,
): Promise<UnitsAsked> {
  const named = scope.siteIds === null ? undefined : new Set(scope.siteIds);
  const cells = scope.gridCode === null ? undefined : below(scope.gridCode, await grid.all());
  const siteIds: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await fireUnits.list({ limit: PAGE, cursor, enterpriseId, kind: scope.kind ?? undefined });
    for (const unit of page.items) {
      const { siteId, gridCode } = unit;
      if (named !== undefined && !named.has(siteId)) continue;
      if (cells !== undefined && !cells.has(gridCode ?? '')) continue;
      if (scope.enterpriseId !== null && scope.enterpriseId !== unit.enterpriseId) continue;
      siteIds.push(siteId);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const found = new Set(siteIds);
  return { siteIds, unknown: [...(named ?? [])].filter((siteId) => !found.has(siteId)) };
}

/** The cell with all below it. */
function below(
  code: string,
  cells: readonly { readonly code: string; readonly parentCode: string | null }[],
): ReadonlySet<string> {
  const within = new Set([code]);
  // Three levels: a street may come before its district.
  for (const _ of [1, 2]) {
    void _;
    for (const cell of cells) if (within.has(cell.parentCode ?? '')) within.add(cell.code);
  }
  return within;
}

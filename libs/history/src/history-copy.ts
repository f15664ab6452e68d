/**
 * Looks at every page of a copied history and answers its cursor. `directory` holds the copy; never that of a history in use.
 *
 * @throws HistoryError `damaged` and the others of opening.
 */
export async function checkHistoryCopy(directory: string): Promise<number> {
  // Only who asks for it loads SQLite outside the thread.
  const { checkCopy } = await import('./store/pins.js');
  return checkCopy(directory);
}

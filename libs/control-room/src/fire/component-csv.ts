/** One line of a table of components, with the number that it has in the file. */
export interface ComponentLine {
  readonly line: number;
  readonly address: string;
  readonly type: string;
  readonly label: string;
  readonly building: string;
  readonly floor: string;
  readonly zone: string;
  readonly x: string;
  readonly y: string;
}

export interface LineProblem {
  readonly path: string;
  readonly message: string;
}

type Column = Exclude<keyof ComponentLine, 'line'>;

const COLUMNS: Readonly<Record<Column, readonly string[]>> = {
  address: ['address', '地址', '部件地址'],
  type: ['type', '类型', '部件类型'],
  label: ['description', 'name', '说明', '名称', '描述'],
  building: ['building', '建筑', '楼栋'],
  floor: ['floor', '楼层'],
  zone: ['zone', '防火分区'],
  x: ['x'],
  y: ['y'],
};

const MOST_LINES = 20_000;

/**
 * A table as spreadsheets write it: a header of English or Chinese names in any order, commas or semicolons, quotes (RFC 4180),
 * UTF-8 or GB 18030. Empty lines are passed over.
 */
export function readComponentCsv(bytes: Uint8Array): { lines: ComponentLine[]; problems: LineProblem[] } {
  const rows = rowsOf(decoded(bytes));
  const header = rows.shift();
  if (header === undefined)
    return { lines: [], problems: [{ path: 'line 1', message: 'the table is empty' }] };
  const columns = header.cells.map((cell) => columnOf(cell));
  const problems = header.cells.flatMap((cell, index) =>
    columns[index] === undefined ? [{ path: 'line 1', message: `no column is called "${cell.trim()}"` }] : [],
  );
  if (!columns.includes('address'))
    problems.push({ path: 'line 1', message: 'a column "address" is needed' });
  if (rows.length > MOST_LINES) {
    problems.push({ path: `line ${MOST_LINES + 2}`, message: `at most ${MOST_LINES} lines` });
  }
  if (problems.length > 0) return { lines: [], problems };
  const lines = rows.map(({ cells, line }): ComponentLine => {
    if (cells.length > columns.length) {
      problems.push({ path: `line ${line}`, message: 'more cells than the header has' });
    }
    const named: Partial<Record<Column, string>> = {};
    for (const [at, key] of columns.entries()) if (key !== undefined) named[key] = cells[at]?.trim() ?? '';
    return { ...EMPTY, ...named, line };
  });
  return { lines, problems };
}

const EMPTY = { address: '', type: '', label: '', building: '', floor: '', zone: '', x: '', y: '' };

function columnOf(cell: string): Column | undefined {
  const name = cell.trim().toLowerCase();
  return (Object.keys(COLUMNS) as Column[]).find((key) => COLUMNS[key].includes(name));
}

/** What is no UTF-8 was written by a spreadsheet in Chinese. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

function rowsOf(text: string): Row[] {
  const firstLine = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const separator = !firstLine.includes(',') && firstLine.includes(';') ? ';' : ',';
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let begin = 1;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.some((each) => each.trim() !== '')) rows.push({ line: begin, cells });
    cells = [];
    cell = '';
    begin = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\n') line += 1;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[(at += 1)] ?? '';
      else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === separator) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  endRow();
  return rows;
}

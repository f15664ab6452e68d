/** Parameters as a person types them: `name = value`, one a line. `line` counts from 1. */
export type ParsedParams =
  | { readonly ok: true; readonly params: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly line: number };

/**
 * `true`, `false` and numbers are what they look like; what is JSON in brackets or in double quotes is read as JSON;
 * everything else is text. An empty line is nothing.
 */
export function parseParams(text: string): ParsedParams {
  const params: [string, unknown][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(0, at)).trim();
    const value = valueOf(line.slice(at + 1).trim());
    if (name === '' || value === undefined || params.some(([known]) => known === name)) {
      return { ok: false, line: index + 1 };
    }
    params.push([name, value.read]);
  }
  return { ok: true, params: Object.fromEntries(params) };
}

const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|["[{].*)$/;

function valueOf(text: string): { readonly read: unknown } | undefined {
  if (!LITERAL.test(text)) return { read: text };
  try {
    return { read: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

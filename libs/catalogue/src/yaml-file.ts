import { parseDocument } from 'yaml';
import { type z } from 'zod';
import { type CatalogueProblem } from './errors.js';

/** Parses one YAML 1.2 file by a schema; what is wrong goes to `problems`, and then there is no result. */
export function parseYaml<S extends z.ZodType>(
  file: string,
  source: string,
  schema: S,
  problems: CatalogueProblem[],
): z.output<S> | undefined {
  // Few aliases are a convenience, many are a bomb.
  const document = parseDocument(source, { strict: true, uniqueKeys: true, prettyErrors: true });
  if (document.errors.length > 0) {
    problems.push(...document.errors.map((error) => ({ file, path: '', message: error.message })));
    return undefined;
  }
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (parsed.success) return parsed.data;
  problems.push(
    ...parsed.error.issues.map((issue) => ({
      file,
      path: issue.path.map(String).join('.'),
      message: issue.message,
    })),
  );
  return undefined;
}

export interface InfluxSum {
  readonly count: number;
  readonly sum: number;
}

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly (readonly (number | string)[])[] }[];
  }[];
}

async function ask(url: string, database: string, statement: string): Promise<(number | string)[][]> {
  const query = new URLSearchParams({ db: database, q: statement });
  const response = await fetch(`${url}/query?${query.toString()}`, { signal: AbortSignal.timeout(30_000) });
  const { results } = (await response.json()) as Answer;
  const [result] = results;
  if (result?.error !== undefined) throw new Error(result.error);
  return (result?.series ?? []).flatMap(({ values }) => values.map((row) => [...row]));
}

/**
 * Number and sum of the values of a field, by InfluxQL and over all retention policies: whoever stored something twice, not at all, or
 * other than it was, has another count or sum.
 */
export async function influxSum(
  { url, database = 'watchfire' }: { readonly url: string; readonly database?: string },
  measurement: string,
  field: string,
  where = '',
): Promise<InfluxSum> {
  const policies = await ask(url, database, `SHOW RETENTION POLICIES ON "${database}"`);
  let [count, sum] = [0, 0];
  for (const [policy] of policies) {
    const from = `"${database}"."${policy}"."${measurement}"`;
    const [row] = await ask(
      url,
      database,
      `SELECT count("${field}"), sum("${field}") FROM ${from} ${where === '' ? '' : `WHERE ${where}`}`,
    );
    count += Number(row?.[1] ?? 0);
    sum += Number(row?.[2] ?? 0);
  }
  return { count, sum };
}

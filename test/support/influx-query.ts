/** Rows of an InfluxQL query, asked of the server itself: tests check with it what an adapter has stored. */
export async function influxRows(
  url: string,
  database: string,
  query: string,
): Promise<readonly (readonly unknown[])[]> {
  const search = new URLSearchParams({ db: database, q: query, epoch: 'ms' });
  const answer = (await (await fetch(`${url}/query?${search.toString()}`)).json()) as {
    results: readonly { series?: readonly { values: readonly (readonly unknown[])[] }[]; error?: string }[];
  };
  const [result] = answer.results;
  if (result?.error !== undefined) throw new Error(result.error);
  return (result?.series ?? []).flatMap(({ values }) => values);
}

/** How many points a measurement holds, and the sum of their numbers. */
export async function influxCount(
  url: string,
  database: string,
  measurement: string,
): Promise<{ count: number; sum: number }> {
  const query = `SELECT COUNT("v"), SUM("v") FROM "${measurement}"`;
  const [row] = await influxRows(url, database, query);
  return { count: Number(row?.[1] ?? 0), sum: Number(row?.[2] ?? 0) };
}

import { type ServerProcess } from './server-process.js';

/** A figure of `/metrics`, with the labels that are named, all others together; 0 while there is none. */
export async function metric({ url }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Why the server is not ready; empty when it is. */
export async function notReadyBecause({ url }: ServerProcess): Promise<readonly string[]> {
  const answer = await fetch(`${url}/health/ready`);
  if (answer.status === 200) return [];
  return ((await answer.json()) as { reasons: readonly string[] }).reasons;
}

/** What the log has that is nobody's fault but ours. */
export function defectsIn({ standardError }: ServerProcess): readonly string[] {
  return standardError.filter((line) =>
    /unhandled rejection|uncaught|"level":60|TypeError|ReferenceError/i.test(line),
  );
}

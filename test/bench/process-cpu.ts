import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time of all threads of a process so far, in microseconds, or `undefined` where the kernel does not tell (no
 * /proc). From `schedstat`, since `stat` counts in steps of 10 ms.
 */
export function cpuMicros(pid: number): number | undefined {
  try {
    let nanos = 0;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const [running] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
      nanos += Number(running);
    }
    return nanos / 1000;
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes, or `undefined` where the kernel does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

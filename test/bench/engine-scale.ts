import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What `engine-scale.mjs` measures; its shape is described there. */
export interface EngineFigures {
  readonly points: number;
  readonly rulesAPoint: number;
  readonly configurationBytesAPoint: number;
  /** Right after all were configured and have reported once; the configuration included. */
  readonly awakeBytesAPoint: number;
  /** In a calm plant at work; the configuration included. */
  readonly bytesAPoint: number;
  /** How many devices did not come to rest. */
  readonly awakeDevices: number;
  readonly calmEvaluationsPerSecond: number;
  readonly busyEvaluationsPerSecond: number;
  readonly busyTransitions: number;
  readonly configureMs: number;
  readonly restoreMs: number;
}

const PROGRAM = 'test/bench/engine-scale.mjs';
/** A million points with three rules each, and their configurations beside them. */
const HEAP_MEGABYTES = 12_288;

/** Measures the engine in a process of its own; rejects with what that wrote when it failed. */
export async function measureEngine(points: number): Promise<EngineFigures> {
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP_MEGABYTES}`];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM, String(points)]);
  return JSON.parse(stdout) as EngineFigures;
}

import { SEVERITY, type Priority, type Provenance } from '@watchfire/contracts';

/** Where one number of a rule comes from. `of` is its path in the rule, for example `limits.HH` or `onDelayMs`. */
export type RuleProvenance = Provenance & { readonly of: string };

/** The sources of a file, by their keys in it. */
export type Sources = Readonly<
  Record<string, Omit<Provenance, 'note'> & { readonly note?: string | undefined }>
>;

export interface Sourced<T> {
  readonly value: T;
  readonly from: string;
}

/** Takes the value out of a sourced one and remembers where it came from. */
export class ProvenanceList {
  readonly entries: RuleProvenance[] = [];

  constructor(private readonly sources: Sources) {}

  take<T>(of: string, sourced: Sourced<T>): T {
    const source = this.sources[sourced.from];
    if (source === undefined) throw new Error(`source ${sourced.from} was not checked`);
    const { note, ...rest } = source;
    this.entries.push({ of, ...rest, ...(note !== undefined && { note }) });
    return sourced.value;
  }

  severity(of: string, priority: Sourced<Priority>): number {
    return SEVERITY[this.take(of, priority)];
  }

  milliseconds(of: string, seconds: Sourced<number>): number {
    return Math.round(this.take(of, seconds) * 1_000);
  }
}

/** Seconds of the file as milliseconds of the engine. */
export function delaysOf(
  condition: { readonly onDelaySeconds: Sourced<number>; readonly offDelaySeconds: Sourced<number> },
  provenance: ProvenanceList,
): { onDelayMs: number; offDelayMs: number } {
  return {
    onDelayMs: provenance.milliseconds('onDelayMs', condition.onDelaySeconds),
    offDelayMs: provenance.milliseconds('offDelayMs', condition.offDelaySeconds),
  };
}

/** The delays, with the count of samples where there is one. */
export function countedDelaysOf(
  condition: Parameters<typeof delaysOf>[0] & { readonly onCount?: Sourced<number> | undefined },
  provenance: ProvenanceList,
): { onDelayMs: number; offDelayMs: number; onCount?: number } {
  return {
    ...delaysOf(condition, provenance),
    ...(condition.onCount && { onCount: provenance.take('onCount', condition.onCount) }),
  };
}

/** What one payload may contain. Everything above is refused before it is walked. */
export interface DecodeLimits {
  /** Nested arrays and objects, the outermost counted; telemetry needs 3. */
  readonly maxDepth: number;
  /** Elements of an array payload. */
  readonly maxMessages: number;
  /** Keys in `values` of one message. */
  readonly maxValues: number;
  /** UTF-16 code units of a string value. */
  readonly maxStringLength: number;
  /** Members of all objects and arrays in `data` of one event. */
  readonly maxDataMembers: number;
  /** Devices behind a gateway that one message speaks for. */
  readonly maxChildren: number;
}

export const decodeLimits: DecodeLimits = {
  maxDepth: 8,
  maxMessages: 1_000,
  maxValues: 256,
  maxStringLength: 1_024,
  maxDataMembers: 256,
  maxChildren: 100,
};

/** What one edge node may hold, and how often it is asked to be born again. */
export interface SparkplugLimits {
  /** What is beyond is refused; the rest of the payload is used. */
  readonly maxMetricsPerPayload: number;
  /** Of the node and all its devices together; what is beyond is refused metric by metric. */
  readonly maxMetricsPerNode: number;
  readonly maxDevices: number;
  /** At least this long after a rebirth was asked for and came, before the next gap is answered by asking again, ms. */
  readonly rebirthPauseMs: number;
  /** At least this long before it is asked for again where it did not come, or came and mended nothing, ms. */
  readonly rebirthRepeatMs: number;
}

export const sparkplugLimits: SparkplugLimits = {
  maxMetricsPerPayload: 4_096,
  maxMetricsPerNode: 16_384,
  maxDevices: 1_024,
  rebirthPauseMs: 1_000,
  rebirthRepeatMs: 10_000,
};

export type BackTestErrorCode =
  /** The rule reads no point, so that stored samples say nothing of it. */
  'rule_not_testable' | 'back_test_busy' | 'back_test_too_large';

export class BackTestError extends Error {
  override readonly name = 'BackTestError';

  constructor(
    readonly code: BackTestErrorCode,
    message: string,
  ) {
    super(message);
  }
}

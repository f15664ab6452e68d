export { BackTests, type BackTestsOptions } from './back-tests.js';
export { BackTestError, type BackTestErrorCode } from './errors.js';
export {
  BACK_TEST_LIMITS,
  type BackTestDevice,
  type BackTestJob,
  type BackTestLimits,
  type BackTestPlan,
  type BackTestRequest,
  type BackTestResult,
  type BackTestState,
  type Difference,
  type RuleFigures,
} from './model.js';

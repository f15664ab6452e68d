import { relative } from 'node:path';

/**
 * What was skipped must be as visible as what failed: named at the end, with the reason that the test gives in its title
 * ("… (skipped: no Chromium on this machine)"), followed by one line of totals for scripts.
 */
export default class SkipReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => `${relative(process.cwd(), file.testFilePath)}: ${fullName}`),
    );
    if (skipped.length > 0) {
      process.stdout.write(`\nSkipped on this machine:\n${skipped.map((name) => `  ${name}\n`).join('')}`);
    }
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(
      `\nTests: ${results.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped\n`,
    );
  }
}

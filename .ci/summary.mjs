// Prints "N passed, N failed" from vitest's JSON report. Fails when a test failed, when a file did not even load, and
// when nothing ran: a report without tests is no good news.
import { readFileSync } from "node:fs";

const { passed, failed } = count(process.argv[2]);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;

function count(path) {
  try {
    const report = JSON.parse(readFileSync(path, "utf8"));
    const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
  } catch (error) {
    console.error(`no test report: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

/** Loaded into each test file by `npm test`: ends one that does not end by itself, and says what kept it. A process left by a failed test would hold the suite up for ever. */
const deadlineMs = Number(process.env['SYNCLINE_TEST_FILE_DEADLINE_MS']);
if (process.env['NODE_TEST_CONTEXT'] !== undefined && deadlineMs > 0) {
  const timer = setTimeout(() => {
    const kept = [...new Set(process.getActiveResourcesInfo())].join(', ');
    process.stderr.write(`\n  ${process.argv[1] ?? 'a test file'} did not end within ${deadlineMs / 1000} s. It is kept open by: ${kept}\n`);
    process.exit(1);
  }, deadlineMs);
  timer.unref();
}

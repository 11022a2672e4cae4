import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresServer } from '../test/support/postgres.ts';
import { startTemporalServer } from '../worker/temporal-server/start-temporal-server.ts';
import { makeWorkflowBundle } from '../worker/workflow-bundle.ts';
import { runTestFiles } from './run-test-files.ts';

/** `npm test [-- FILES]`: the whole suite under one real Temporal server and one real PostgreSQL; `--long` adds the long figures. Fails also where a test left something behind. */
const args = process.argv.slice(2);
const isLong = args.includes('--long');
const wanted = args.filter((arg) => !arg.startsWith('--'));
/** Also of a whole suite, on a machine four times slower than a quiet one. */
const TEST_TIMEOUT_MS = isLong ? 3_600_000 : 900_000;
const FILE_DEADLINE_MS = isLong ? 7_200_000 : 1_500_000;
/** Most tests wait most of the time. */
const CONCURRENCY = 4;

const files = (wanted.length === 0 ? ['test'] : wanted).flatMap((path) => (path.endsWith('.ts') ? [path] : globSync(`${path}/**/*.test.ts`))).toSorted();
if (files.length === 0) {
  process.stderr.write(`  No test file matches ${wanted.join(' ')}.\n`);
  process.exit(2);
}

const startedAt = Date.now();
const directory = mkdtempSync(join(tmpdir(), 'syncline-suite-'));
// Temporary folders of the tests go here, so that what a test leaves behind is seen.
const temporary = join(directory, 'tmp');
mkdirSync(temporary);
const server = await startTemporalServer({
  directory,
  port: 17233,
  uiPort: 18233,
  env: process.env,
  onProgress: (text) => process.stderr.write(`  ${text}\n`),
});
let postgres: PostgresServer | undefined;
let isWell: boolean;
try {
  postgres = await PostgresServer.start({ directory });
  isWell = await runTests(postgres.url('postgres'));
  const left = readdirSync(temporary).filter((name) => name.startsWith('syncline-'));
  if (left.length > 0) {
    process.stderr.write(`\n  ${left.length} temporary folders were left behind: ${left.slice(0, 5).join(', ')} …\n`);
    isWell = false;
  }
} finally {
  await postgres?.stop();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
process.stdout.write(`\n  ${files.length} files in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
process.exit(isWell ? 0 : 1);

async function runTests(postgresUrl: string): Promise<boolean> {
  const bundle = join(directory, 'workflow-bundle.js');
  writeFileSync(bundle, (await makeWorkflowBundle()).code);
  writeFileSync(join(directory, 'workflow-bundle.encrypted.js'), (await makeWorkflowBundle(true)).code);
  const env = {
    ...process.env,
    SYNCLINE_WORKFLOW_BUNDLE: bundle,
    // Hundreds of programs are started from the same sources.
    NODE_COMPILE_CACHE: join(directory, 'compiled'),
    TMPDIR: temporary,
    NO_COLOR: '1',
    SYNCLINE_TEST_TEMPORAL_ADDRESS: server.address,
    SYNCLINE_TEST_POSTGRES: postgresUrl,
    SYNCLINE_TEST_LONG: isLong ? '1' : '',
    SYNCLINE_TEST_FILE_DEADLINE_MS: String(FILE_DEADLINE_MS),
  };
  const deadline = fileURLToPath(new URL('../test/support/file-deadline.ts', import.meta.url));
  // What takes times of the product takes them while no other test has the processors.
  const isOfTimes = (file: string) => readFileSync(file, 'utf8').includes('support/in-time.ts');
  const parts = [
    { files: files.filter((file) => !isOfTimes(file)), concurrency: CONCURRENCY },
    { files: files.filter(isOfTimes), concurrency: 1 },
  ];
  return runTestFiles(parts, { timeoutMs: TEST_TIMEOUT_MS, nodeArgs: [`--import=${deadline}`], env });
}

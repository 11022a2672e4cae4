import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { renderKit } from '../client/connecting/render-kit.ts';
import { createTheme, wantsColor } from '../client/output/theme.ts';
import type { KitRow } from '../connectors/kit/kit-row.ts';
import { runKit } from '../connectors/kit/run-kit.ts';
import { shippedConnector } from '../test/connectors/shipped-connector.ts';
import { createDatabase, PostgresServer } from '../test/support/postgres.ts';

/** `npm run test:connectors [-- NAME …]`: the kit over all connectors, PostgreSQL with a real server; Stripe also against stripe-mock, which is built where it is not there yet. */
const MANIFESTS = new URL('../connectors/manifests/', import.meta.url);
const wanted = process.argv.slice(2);
const names = readdirSync(MANIFESTS).map((file) => file.replace('.yaml', ''));
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`  There is no connector "${unknown}". There are: ${names.join(', ')}.\n`);
  process.exit(2);
}
const theme = createTheme(wantsColor({ isTerminal: process.stdout.isTTY, isRefused: false, env: process.env }));

let failures = 0;
for (const name of wanted.length === 0 ? names : wanted) {
  const rows = await rowsOf(name);
  const count = (verdict: KitRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  failures += count('failed');
  const mark = count('failed') === 0 ? theme.good('✓') : theme.bad('✗');
  process.stdout.write(`  ${mark} ${name.padEnd(14)} ${count('passed')} passed, ${count('failed')} failed, ${count('open')} open\n`);
  const told = rows.filter(({ verdict }) => verdict !== 'passed');
  if (told.length > 0) process.stdout.write(`\n${renderKit(told, theme, 120)}\n\n`);
}
if (wanted.length === 0 || wanted.includes('stripe')) failures += testAgainstStripeMock() ? 0 : 1;
process.exit(failures === 0 ? 0 : 1);

async function rowsOf(name: string): Promise<readonly KitRow[]> {
  if (name !== 'postgres') return runKit(name, shippedConnector(name));
  const server = await PostgresServer.start();
  try {
    return await runKit(name, shippedConnector(name), { database: await createDatabase(server.url('postgres')) });
  } finally {
    await server.stop();
  }
}

function testAgainstStripeMock(): boolean {
  const env = { ...process.env, SYNCLINE_TEST_STRIPE_MOCK: 'build' };
  const options = ['--test', '--test-reporter=spec', 'test/connectors/stripe-mock.test.ts'];
  return spawnSync(process.execPath, options, { env, stdio: 'inherit' }).status === 0;
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROOMS = ['engine', 'definition', 'http', 'connectors', 'ledger', 'payloads', 'activities', 'workflows', 'worker', 'client', 'sandbox'];
const house = mkdtempSync(join(tmpdir(), 'syncline-walls-'));

/** Files that break a wall each, and the rule that must say so. */
const OFFENDERS: readonly { readonly file: string; readonly text: string; readonly rule: string }[] = [
  { file: 'workflows/offends.ts', text: "import { z } from 'zod';\nexport const offends = z;\n", rule: 'walls-of-workflows' },
  {
    file: 'workflows/runs-activities.ts',
    text: "export { createActivities } from '../activities/create-activities.ts';\n",
    rule: 'workflows-takes-only-types-from-activities',
  },
  { file: 'engine/offends.ts', text: "import { readFileSync } from 'node:fs';\nexport const offends = readFileSync;\n", rule: 'walls-of-engine' },
  { file: 'activities/offends.ts', text: "export { openHttpClient as offends } from '../http/open-http-client.ts';\n", rule: 'walls-of-activities' },
  { file: 'client/offends.ts', text: "export { startWorkerHost as offends } from '../worker/worker-host.ts';\n", rule: 'walls-of-client' },
  { file: 'http/offends.ts', text: "export { syncSchema as offends } from '../definition/schema/sync.ts';\n", rule: 'walls-of-http' },
  { file: 'ledger/offends.ts', text: "export { request as offends } from 'undici';\n", rule: 'walls-of-ledger' },
  { file: 'payloads/offends.ts', text: "export { openLedger as offends } from '../ledger/open-ledger.ts';\n", rule: 'walls-of-payloads' },
  { file: 'worker/offends.ts', text: "export { seededRandom as offends } from '../sandbox/random.ts';\n", rule: 'nobody-imports-test-or-sandbox' },
];

const CLOCKS = 'export const offends = () => [Date.now(), new Date(), Math.random(), process.pid];\n';
const FLOATING = `import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
export async function offends(): Promise<void> {
  proxyActivities<Activities>({ startToCloseTimeout: '1 minute' }).fetchLookups({ runId: 'r' });
}
`;

before(() => {
  for (const name of [...ROOMS, 'package.json', 'tsconfig.json', '.dependency-cruiser.mjs', 'eslint.config.mjs'])
    cpSync(join(ROOT, name), join(house, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'));
});
after(() => rmSync(house, { recursive: true, force: true }));

const tool = (name: string, ...args: string[]) => {
  const done = spawnSync(join(ROOT, 'node_modules/.bin', name), args, { cwd: house, encoding: 'utf8' });
  return { code: done.status, output: done.stdout + done.stderr };
};
/** What these files import themselves: that is what the walls speak of. "npm run check" looks at the whole house. */
const cruise = (files: readonly string[]) => tool('depcruise', '--config', '.dependency-cruiser.mjs', '--output-type', 'err', '--max-depth', '1', ...files);

test('files that stand break no wall', () => {
  const { code, output } = cruise(['workflows/sync.ts', 'engine/errors.ts', 'activities/page-source.ts', 'client/main.ts', 'worker/worker-host.ts']);
  assert.equal(code, 0, output);
});

test('each wall holds: whoever imports what its room may not is named with the rule', () => {
  for (const { file, text } of OFFENDERS) writeFileSync(join(house, file), text);
  const { code, output } = cruise(OFFENDERS.map(({ file }) => file));
  for (const { file } of OFFENDERS) rmSync(join(house, file));
  assert.notEqual(code, 0);
  for (const { file, rule } of OFFENDERS) assert.ok(output.includes(`${rule}: ${file}`), `${rule} did not catch ${file}\n${output}`);
});

test('the engine has no clock and no dice, and nobody forgets a promise of a proxied activity', () => {
  writeFileSync(join(house, 'engine/offends.ts'), CLOCKS);
  writeFileSync(join(house, 'workflows/offends.ts'), FLOATING);
  const { code, output } = tool('eslint', 'engine/offends.ts', 'workflows/offends.ts');
  assert.equal(code, 1, output);
  assert.equal(output.match(/The engine has no clock/g)?.length, 2, output);
  for (const expected of ['The engine throws no dice', "Unexpected use of 'process'", 'no-floating-promises'])
    assert.ok(output.includes(expected), `${expected}\n${output}`);
});

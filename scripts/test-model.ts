import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:model [-- --cases N --seed S]`: random stories of edits, deletes, bad luck and runs, in all modes and policies, beside a model of the engine. */
const { values } = parseArgs({ options: { cases: { type: 'string', default: '200' }, seed: { type: 'string', default: String(Date.now() % 1_000_000_000) } } });
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
  process.stderr.write('  --cases and --seed are whole numbers: npm run test:model -- --cases 500 --seed 7\n');
  process.exit(2);
}
const env = { ...process.env, SYNCLINE_MODEL_CASES: String(cases), SYNCLINE_MODEL_SEED: String(seed) };
const { status } = spawnSync(process.execPath, ['scripts/test.ts', '--long', 'test/model/model.test.ts'], { env, stdio: 'inherit' });
process.exit(status ?? 1);

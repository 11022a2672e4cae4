import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:crash [-- --rounds N --seed S]`: rounds of runs under blows, and nothing lost or doubled. */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seed: { type: 'string', default: String(Date.now() % 1_000_000_000) } } });
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  process.stderr.write('  --rounds and --seed are whole numbers: npm run test:crash -- --rounds 30 --seed 7\n');
  process.exit(2);
}
const env = { ...process.env, SYNCLINE_CRASH_ROUNDS: String(rounds), SYNCLINE_CRASH_SEED: String(seed) };
const { status } = spawnSync(process.execPath, ['scripts/test.ts', '--long', 'test/crash/rounds.test.ts'], { env, stdio: 'inherit' });
process.exit(status ?? 1);

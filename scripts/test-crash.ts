import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:crash [-- --rounds N --seed S --ledger sqlite|postgres --workers N]`: rounds of runs under blows, and nothing lost or doubled. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    ledger: { type: 'string', default: 'sqlite' },
    workers: { type: 'string', default: '1' },
  },
});
const [rounds, seed, workers] = [Number(values.rounds), Number(values.seed), Number(values.workers)];
const isCount = (value: number) => Number.isInteger(value) && value >= 1;
if (!isCount(rounds) || !isCount(workers) || !Number.isInteger(seed) || !['sqlite', 'postgres'].includes(values.ledger)) {
  process.stderr.write('  npm run test:crash -- --rounds 30 --seed 7 --ledger postgres --workers 4\n');
  process.exit(2);
}
const env = {
  ...process.env,
  SYNCLINE_CRASH_ROUNDS: String(rounds),
  SYNCLINE_CRASH_SEED: String(seed),
  SYNCLINE_CRASH_LEDGER: values.ledger,
  SYNCLINE_CRASH_WORKERS: String(workers),
};
const { status } = spawnSync(process.execPath, ['scripts/test.ts', '--long', 'test/crash/rounds.test.ts'], { env, stdio: 'inherit' });
process.exit(status ?? 1);

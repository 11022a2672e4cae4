import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CrashRounds, type CrashSetting, describeRound, isFlawless } from './crash-rounds.ts';

/** `npm run test:crash -- --rounds N --seed S [--ledger postgres --workers N]` says how many, which, and on what. */
const isLong = process.env['SYNCLINE_TEST_LONG'] === '1';
const asked = process.env['SYNCLINE_CRASH_ROUNDS'];
/** In `npm test` the fifth round is the one on PostgreSQL. */
const rounds = Number(asked ?? (isLong ? 30 : 4));
const seed = Number(process.env['SYNCLINE_CRASH_SEED'] ?? 20_261_121);
const ledger = process.env['SYNCLINE_CRASH_LEDGER'] === 'postgres' ? 'postgres' : 'sqlite';
const workers = Number(process.env['SYNCLINE_CRASH_WORKERS'] ?? 1);

/** Most rounds delete what has left the source; the last third marks it. */
const archived = Math.floor(rounds / 3);
series({ mode: 'mirror', ledger, workers }, rounds - archived);
series({ mode: 'archive', ledger, workers }, archived);
if (asked === undefined) series({ mode: 'mirror', ledger: 'postgres', workers: 4 }, isLong ? 30 : 1);

function series(setting: CrashSetting, count: number): void {
  const words = `${setting.mode}, ${setting.ledger}, ${setting.workers} at work`;
  describe(`${count} rounds of blows: ${words}, seed ${seed}`, { skip: count === 0 }, () => {
    let crash: CrashRounds;
    before(async () => {
      crash = await CrashRounds.begin(seed, setting);
    });
    after(() => crash.end());

    for (let round = 1; round <= count; round++) {
      it(`round ${round}: nothing lost, nothing doubled`, async () => {
        const result = await crash.round();
        process.stdout.write(`  ${describeRound(round, result)}\n`);
        assert.ok(isFlawless(result), `repeat it: npm run test:crash -- --rounds ${rounds} --seed ${seed}\n${describeRound(round, result)}`);
      });
    }
  });
}

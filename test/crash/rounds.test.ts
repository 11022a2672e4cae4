import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CrashRounds, describeRound, isFlawless } from './crash-rounds.ts';

/** `npm run test:crash -- --rounds N --seed S` says how many, and which. */
const rounds = Number(process.env['SYNCLINE_CRASH_ROUNDS'] ?? (process.env['SYNCLINE_TEST_LONG'] === '1' ? 30 : 5));
const seed = Number(process.env['SYNCLINE_CRASH_SEED'] ?? 20_261_121);
/** Most rounds delete what has left the source; the last third marks it. */
const archived = Math.floor(rounds / 3);

for (const [mode, count] of [['mirror', rounds - archived] as const, ['archive', archived] as const]) {
  describe(`${count} rounds of blows in mode ${mode}, seed ${seed}`, { skip: count === 0 }, () => {
    let crash: CrashRounds;
    before(async () => {
      crash = await CrashRounds.begin(seed, mode);
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

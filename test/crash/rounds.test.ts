import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CrashRounds, describeRound, isFlawless } from './crash-rounds.ts';

/** `npm run test:crash -- --rounds N --seed S` says how many, and which. */
const rounds = Number(process.env['SYNCLINE_CRASH_ROUNDS'] ?? (process.env['SYNCLINE_TEST_LONG'] === '1' ? 30 : 5));
const seed = Number(process.env['SYNCLINE_CRASH_SEED'] ?? 20_261_121);

describe(`${rounds} rounds of blows, seed ${seed}`, () => {
  let crash: CrashRounds;
  before(async () => {
    crash = await CrashRounds.begin(seed);
  });
  after(() => crash.end());

  for (let round = 1; round <= rounds; round++) {
    it(`round ${round}: nothing lost, nothing doubled`, async () => {
      const result = await crash.round();
      process.stdout.write(`  ${describeRound(round, result)}\n`);
      assert.ok(isFlawless(result), `repeat it: npm run test:crash -- --rounds ${round} --seed ${seed}\n${describeRound(round, result)}`);
    });
  }
});

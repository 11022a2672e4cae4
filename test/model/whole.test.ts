import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { CommandLineEngine } from './command-line.ts';
import { kindOf, stories, tell } from './story.ts';
import { World } from './world.ts';

const CASES = process.env['SYNCLINE_TEST_LONG'] === '1' ? 20 : 1;
/** A run through the command line takes seconds. */
const MOST_STEPS = 12;
const SEED = Number(process.env['SYNCLINE_MODEL_SEED'] ?? Date.now() % 1_000_000_000);

describe(`the whole product beside the model, stories: ${CASES}, seed ${SEED}`, { concurrency: 2 }, () => {
  const worlds: World[] = [];
  before(async () => {
    worlds.push(...(await Promise.all(Array.from({ length: CASES }, () => World.start()))));
  });
  after(async () => {
    for (const world of worlds) await world.stop();
  });

  for (const [index, { steps, ...kind }] of fc.sample(stories, { numRuns: CASES, seed: SEED }).entries()) {
    const story = { ...kind, steps: steps.slice(0, MOST_STEPS) };
    it(`story ${index + 1}: ${story.mode}, ${story.policy}, ${story.steps.length} steps`, async () => {
      const world = worlds[index];
      if (world === undefined) throw new Error('no world for it');
      const engine = await CommandLineEngine.open(world.url, kindOf(story));
      try {
        await tell(story, world, engine);
      } finally {
        await engine.close();
      }
    });
  }
});

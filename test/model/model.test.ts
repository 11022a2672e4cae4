import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { defineSync, InProcessEngine, type SyncKind } from './engine.ts';
import { kindOf, stories, tell } from './story.ts';
import { World } from './world.ts';

const CASES = Number(process.env['SYNCLINE_MODEL_CASES'] ?? (process.env['SYNCLINE_TEST_LONG'] === '1' ? 2_000 : 100));
/** Each within the time of one test, also on a busy machine. */
const PARTS = CASES > 100 ? 4 : 1;
const SEED = Number(process.env['SYNCLINE_MODEL_SEED'] ?? Date.now() % 1_000_000_000);

describe(`the engine beside a model of it: ${CASES} stories, seed ${SEED}`, () => {
  let world: World;
  const directory = mkdtempSync(join(tmpdir(), 'syncline-model-'));
  const definitions = new Map<string, ResolvedSync>();

  before(async () => {
    world = await World.start();
  });
  after(async () => {
    await world.stop();
    rmSync(directory, { recursive: true });
  });

  const definitionOf = (kind: SyncKind) => {
    const name = JSON.stringify(kind);
    const known = definitions.get(name) ?? defineSync(world.url, kind);
    definitions.set(name, known);
    return known;
  };

  for (let part = 0; part < PARTS; part++) {
    it(`leaves in the target what the model says, whatever happened, and does what was planned: part ${part + 1}, seed ${SEED + part}`, async () => {
      await fc.assert(
        fc.asyncProperty(stories, async (story) => {
          world.reset();
          const engine = await InProcessEngine.open(definitionOf(kindOf(story)), directory);
          try {
            await tell(story, world, engine);
          } finally {
            await engine.close();
          }
        }),
        { numRuns: Math.ceil(CASES / PARTS), seed: SEED + part, includeErrorInReport: true },
      );
    });
  }
});

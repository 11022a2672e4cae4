import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Plan } from '../../client/planning/plan.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import type { ConflictPolicy } from '../../engine/merge-fields.ts';
import { type RunTotals, SYNC_MODES } from '../../engine/outcome.ts';
import { defineSync, InProcessEngine, type SyncKind } from './engine.ts';
import { Reference } from './reference.ts';
import { type Fate, mailOf, World } from './world.ts';

type Counts = Plan['counts'];

const CASES = Number(process.env['SYNCLINE_MODEL_CASES'] ?? (process.env['SYNCLINE_TEST_LONG'] === '1' ? 2_000 : 200));
/** Each within the time of one test, also on a busy machine. */
const PARTS = CASES > 100 ? 4 : 1;
const SEED = Number(process.env['SYNCLINE_MODEL_SEED'] ?? Date.now() % 1_000_000_000);
const POLICIES: readonly ConflictPolicy[] = ['source-wins', 'target-wins', 'review'];

const key = fc.constantFrom('1', '2', '3', '4', '5');
const value = fc.constantFrom('amber', 'birch', 'cedar');
const person = fc.record({ name: value, city: value }, { noNullPrototype: true });
const fate = fc.constantFrom<Fate>('refused before', 'applied, answered 500', 'applied, connection cut');

/** What people, and bad luck, do between two runs and to them. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key, person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), key, person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fault' as const), fate }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('run' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), calls: fc.nat({ max: 40 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
const story = fc.record({ mode: fc.constantFrom(...SYNC_MODES), policy: fc.constantFrom(...POLICIES), steps: fc.array(step, { minLength: 3, maxLength: 24 }) });

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
        fc.asyncProperty(story, async ({ mode, policy, steps }) => {
          world.reset();
          // Whether a write that got no answer created the record, or found it there, nobody can know.
          const takesLinked = steps.some((each) => each.do === 'fault' || each.do === 'kill');
          const reference = new Reference(mode, policy, takesLinked);
          const engine = await InProcessEngine.open(definitionOf({ mode, policy, takesLinked }), directory);
          try {
            for (const each of [...steps, { do: 'run' as const }, { do: 'run' as const }]) await play(each, engine, reference);
          } finally {
            await engine.close();
          }
        }),
        { numRuns: Math.ceil(CASES / PARTS), seed: SEED + part, includeErrorInReport: true },
      );
    });
  }

  async function play(each: Step, engine: InProcessEngine, reference: Reference): Promise<void> {
    switch (each.do) {
      case 'put':
        return void world.people.set(each.key, each.person);
      case 'leave':
        return void world.people.delete(each.key);
      case 'edit': {
        const email = mailOf(each.key);
        const known = world.contacts.get(email);
        if (known === undefined) world.addContact(email, each.person);
        else world.contacts.set(email, { ...known, ...each.person });
        const now = world.contacts.get(email);
        if (now !== undefined) reference.contacts.set(email, now);
        return;
      }
      case 'remove':
        world.contacts.delete(mailOf(each.key));
        reference.contacts.delete(mailOf(each.key));
        return;
      case 'fault':
        return void world.fates.push(each.fate);
      case 'kill':
        // A run that is killed, and at once the next: whatever the first has done, together they do what one does.
        await engine.runUntilKilled(each.calls);
        await finish(engine, reference);
        return;
      case 'run': {
        const isLucky = world.fates.length === 0;
        const planned = await planOf(engine);
        const totals = await finish(engine, reference);
        if (isLucky) assert.deepEqual(planned, countsOf(totals), 'the plan is what the run then does');
      }
    }
  }

  /** A plan says what it says, and changes nothing. */
  async function planOf(engine: InProcessEngine): Promise<Counts> {
    const before = [new Map(world.contacts), await engine.known()];
    const { counts } = await engine.plan();
    assert.deepEqual([new Map(world.contacts), await engine.known()], before);
    return counts;
  }

  async function finish(engine: InProcessEngine, reference: Reference): Promise<RunTotals> {
    const totals = await engine.run();
    reference.run(world.people, (email) => world.contacts.get(email)?.id ?? 'none');
    assert.deepEqual(new Map([...world.contacts].toSorted()), new Map([...reference.contacts].toSorted()));
    return totals;
  }
});

function countsOf({ read, created, updated, unchanged, skipped, rejected, held, deletesDue }: RunTotals): Counts {
  return { read, create: created, update: updated, unchanged, skipped, rejected, held, delete: deletesDue };
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Plan } from '../../client/planning/plan.ts';
import type { ConflictPolicy } from '../../engine/merge-fields.ts';
import { type RunTotals, SYNC_MODES } from '../../engine/outcome.ts';
import type { SyncKind } from './engine.ts';
import { Reference } from './reference.ts';
import { type Fate, mailOf, type World } from './world.ts';

type Counts = Plan['counts'];
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.nat({ max: 40 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

export const stories = fc.record({
  mode: fc.constantFrom(...SYNC_MODES),
  policy: fc.constantFrom(...POLICIES),
  steps: fc.array(step, { minLength: 3, maxLength: 24 }),
});
export type Story = typeof stories extends fc.Arbitrary<infer Value> ? Value : never;

/** Whatever runs a sync. */
export interface Engine {
  run(): Promise<RunTotals>;
  /** Begins a run whose process is killed, the later the larger the number. What it has left is for the next. */
  runAndKill(after: number): Promise<void>;
  plan(): Promise<Pick<Plan, 'counts'>>;
  /** All that it knows of the records, where that can be seen. */
  known(): Promise<unknown>;
}

/** Whether a write that got no answer created the record, or found it there, nobody can know: then what was found is taken away, too. */
export function kindOf({ mode, policy, steps }: Story): SyncKind {
  return { mode, policy, takesLinked: steps.some((each) => each.do === 'fault' || each.do === 'kill') };
}

/** Plays a story, and two runs after it, on both sides. @throws AssertionError where the target is not what the model says, or a run not what was planned */
export async function tell(told: Story, world: World, engine: Engine): Promise<void> {
  const { mode, policy, takesLinked } = kindOf(told);
  const teller = new Teller(world, engine, new Reference(mode, policy, takesLinked));
  for (const each of [...told.steps, { do: 'run' as const }, { do: 'run' as const }]) await teller.play(each);
}

class Teller {
  readonly #world: World;
  readonly #engine: Engine;
  readonly #reference: Reference;

  constructor(world: World, engine: Engine, reference: Reference) {
    this.#world = world;
    this.#engine = engine;
    this.#reference = reference;
  }

  async play(each: Step): Promise<void> {
    const [world, reference] = [this.#world, this.#reference];
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
        // At once the next: whatever the first has done, together they do what one does.
        await this.#engine.runAndKill(each.after);
        await this.#finish();
        return;
      case 'run': {
        const isLucky = world.fates.length === 0;
        const planned = await this.#plan();
        const totals = await this.#finish();
        if (isLucky) assert.deepEqual(planned, countsOf(totals), 'the plan is what the run then does');
      }
    }
  }

  /** A plan says what it says, and changes nothing. */
  async #plan(): Promise<Counts> {
    const seen = async () => [new Map(this.#world.contacts), await this.#engine.known()];
    const before = await seen();
    const { counts } = await this.#engine.plan();
    assert.deepEqual(await seen(), before);
    return counts;
  }

  async #finish(): Promise<RunTotals> {
    const totals = await this.#engine.run();
    const { people, contacts } = this.#world;
    this.#reference.run(people, (email) => contacts.get(email)?.id ?? 'none');
    assert.deepEqual(new Map([...contacts].toSorted()), new Map([...this.#reference.contacts].toSorted()));
    return totals;
  }
}

function countsOf({ read, created, updated, unchanged, skipped, rejected, held, deletesDue }: RunTotals): Counts {
  return { read, create: created, update: updated, unchanged, skipped, rejected, held, delete: deletesDue };
}

import type { OpenConnection } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { passedGuard, reasonNotToSweep } from '../../engine/sweep.ts';
import type { Ledger, RecordState } from '../../ledger/ledger.ts';
import { plural } from '../output/text.ts';
import { takeAwayBy } from '../reports/take-away.ts';
import type { PlannedChange } from './plan.ts';
import type { Entry, Planner, SkipReason } from './planner.ts';

const PAGE = 1_000;

interface Deletes {
  readonly changes: readonly PlannedChange[];
  readonly remarks: readonly string[];
}

export const NO_DELETES: Deletes = { changes: [], remarks: [] };

interface DeletesInput {
  readonly definition: ResolvedSync;
  readonly ledger: Ledger;
  readonly scope: string;
  readonly planner: Planner;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly isWhole: boolean;
  readonly readOne: ReturnType<OpenConnection['source']>['readOne'];
  readonly signal: AbortSignal;
}

/** Met, and to be taken away. */
const LEFT: ReadonlySet<SkipReason> = new Set(['tombstone', 'filter', 'gone']);

/** What the target was told of and the source no longer has; each is asked for once more, as the run does. */
export async function planDeletes(input: DeletesInput): Promise<Deletes> {
  const { definition, ledger, scope, planner, entries, isWhole, readOne, signal } = input;
  const { verb, done } = takeAwayBy(definition.sync.target);
  const gone: RecordState[] = [];
  let [known, unconfirmed] = [0, 0];
  for await (const state of toldOf(ledger, scope)) {
    known += 1;
    const entry = entries.get(state.key);
    const hasLeft = entry?.outcome === 'skipped' && LEFT.has(entry.reason);
    if (state.hasUnknown || (entry !== undefined && !hasLeft) || (entry === undefined && !isWhole)) continue;
    if (definition.deleteScope === 'created' && state.isCreated !== true) continue;
    const mustAsk = entry === undefined || (entry.outcome === 'skipped' && entry.reason === 'gone' && readOne !== undefined);
    if (entry === undefined && readOne === undefined) {
      unconfirmed += 1;
      continue;
    }
    const fresh = mustAsk ? await readOne?.(state.key, signal) : undefined;
    if (fresh?.key !== state.key || !(await planner.isWanted(fresh.fields))) gone.push(state);
  }
  const reason = reasonNotToSweep({ isPart: false, isComplete: true, records: isWhole ? entries.size : Number.POSITIVE_INFINITY, known });
  if (reason === 'source-empty') return { changes: [], remarks: [`The source answers without a single record: nothing would be ${done}.`] };
  const due = await withoutShared(input, gone);
  const shared = gone.length - due.length;
  const guard = passedGuard({ due: due.length, known }, definition.deleteGuard);
  return {
    changes: due.map((state) => planner.planDelete(state)),
    remarks: [
      ...(guard === undefined ? [] : [`The run would ask before it ${verb}s: ${guard}.`]),
      ...(unconfirmed === 0 ? [] : [`${unconfirmed} more are missing: ${done} where two complete reads do not find them.`]),
      ...(shared === 0 ? [] : [`${plural(shared, 'record')} gone would be kept in the target: another record of the source is the same one there.`]),
    ],
  };
}

/** What another record, which stays or comes, is in the target as well is kept there. */
async function withoutShared({ ledger, scope, entries }: DeletesInput, gone: readonly RecordState[]): Promise<readonly RecordState[]> {
  if (gone.length === 0) return gone;
  const keys = new Set(gone.map(({ key }) => key));
  const [ids, matches] = [new Set<string>(), new Set<string>()];
  for await (const { key, targetId, match } of toldOf(ledger, scope)) {
    if (keys.has(key)) continue;
    if (targetId !== undefined) ids.add(targetId);
    else if (match !== undefined) matches.add(match);
  }
  for (const entry of entries.values()) if (entry.outcome === 'change') matches.add(entry.change.match);
  return gone.filter(({ targetId, match }) => !(targetId !== undefined && ids.has(targetId)) && !(match !== undefined && matches.has(match)));
}

/** The records that the target was told of, in the order of their keys. */
async function* toldOf(ledger: Ledger, scope: string): AsyncGenerator<RecordState> {
  for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
    const page: Awaited<ReturnType<Ledger['listRecords']>> = await ledger.listRecords(scope, { afterKey, limit: PAGE });
    for (const state of page) if (state.contentHash !== undefined && state.contentHash !== 'archived') yield state;
    afterKey = page.length < PAGE ? undefined : page.at(-1)?.key;
  }
}

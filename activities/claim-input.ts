import type { Target } from '../connectors/ports.ts';
import { makeBatchId } from '../engine/ids.ts';
import type { RunControl } from '../engine/run.ts';
import type { ClaimInput } from '../ledger/ledger.ts';
import { sendWithinMs } from './job-batch.ts';
import type { SenderParts } from './sender-parts.ts';

/** What a writer asks the ledger for: a batch under a new token, as large as the target takes it. @param planned changes that wait, as far as the writer knows */
export function claimInputOf(
  { dependencies, context, target, limits }: Pick<SenderParts, 'dependencies' | 'context' | 'target' | 'limits'>,
  segment: number,
  control: RunControl,
  planned: number,
): ClaimInput {
  const { now, random, makeToken } = dependencies;
  const { run, mode } = context;
  const most = limits.forClaim(control, planned);
  // Creates only, also where the target could upsert.
  const isInsert = mode === 'insert';
  return {
    runId: run.id,
    segment,
    batchId: makeBatchId(run.id, random),
    token: makeToken(),
    ...most,
    sendBy: now() + sendWithinMs(most.maxRecords),
    isRepeatable: !isInsert && isRepeatable(target),
    ifExists: isInsert ? 'skip' : 'update',
    isByVersion: run.options.events === true,
    terms: context.terms,
    at: now(),
  };
}

/** Nothing is created that could be created twice: what the target is told, it may be told again. */
function isRepeatable({ abilities }: Target): boolean {
  return abilities.upsert !== undefined && Object.entries(abilities).every(([kind, ability]) => kind === 'create' || ability.isRepeatable);
}

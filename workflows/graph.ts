import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { GraphInput, GraphProgress, GraphSyncState } from './contract.ts';
import { LiveGraph } from './live-graph.ts';
import { setReferences } from './set-references.ts';
import { planGraph } from './steps.ts';

/**
 * One run of every sync of a project: each as a child, as soon as all that it waits for are done. What refers to records that were not there yet is set at the end. A sync
 * that fails takes along only those that wait for it.
 */
export async function graphWorkflow(input: GraphInput): Promise<GraphProgress> {
  const graph = new LiveGraph(input);
  const { steps } = await planGraph(input);
  graph.begin(steps);
  const ends = new Map<string, Promise<void>>();
  for (const { name, after } of steps) {
    const before = Promise.all(after.flatMap((other) => ends.get(other) ?? []));
    ends.set(
      name,
      before.then(() => runInTurn(graph, name, after)),
    );
  }
  await Promise.all(ends.values());
  try {
    if (!CancellationScope.current().consideredCancelled) await setReferences(graph);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  return graph.finish();
}

async function runInTurn(graph: LiveGraph, sync: string, after: readonly string[]): Promise<void> {
  if (CancellationScope.current().consideredCancelled) return graph.note(sync, { state: 'cancelled' });
  const missing = after.find((other) => graph.stateOf(other) !== 'done');
  if (missing !== undefined) return graph.note(sync, { state: 'skipped', because: `${missing} ${WORDS[graph.stateOf(missing)]}` });
  await graph.run(sync);
}

const WORDS: Partial<Record<GraphSyncState, string>> = { failed: 'failed', skipped: 'was skipped', cancelled: 'was cancelled' };

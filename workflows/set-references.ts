import type { LiveGraph } from './live-graph.ts';
import { countReferences } from './steps.ts';

/** Each pass sets what the one before has made possible: a chain of records that wait for each other takes as many as it is long. */
const MOST_PASSES = 100;

/** Runs the syncs again whose records wait for references that are there by now, for these records only, until nothing more comes of it. */
export async function setReferences(graph: LiveGraph): Promise<void> {
  graph.enter('references');
  const { project, profile } = graph.input;
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const counts = await countReferences({ project, profile, syncs: graph.done });
    for (const { sync, due, open } of counts) graph.note(sync, { openReferences: due + open });
    const due = counts.filter((count) => count.due > 0);
    const written = await Promise.all(due.map(({ sync }) => graph.runAgain(sync)));
    if (written.every((records) => records === 0)) return;
  }
}

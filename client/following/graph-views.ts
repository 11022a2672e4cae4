import type { Output } from '../output/output.ts';
import { runDocument } from '../reports/run-report.ts';
import type { GraphSnapshot, GraphView } from './follow-graph.ts';
import { graphLines } from './graph-lines.ts';
import { LiveView } from './live-lines.ts';

const EVERY_MS = 2_000;

/** How a graph is shown where the output goes. */
export function openGraphView(output: Output): GraphView {
  return output.isLive
    ? new LiveView(output, (snapshot, spinner) => graphLines(snapshot, output.noteTheme, { width: output.width, spinner }))
    : new GraphNews(output);
}

/** The line of a sync on stderr, or an event on stdout, where its state changed, and every two seconds where its counts did. */
class GraphNews implements GraphView {
  readonly #output: Output;
  readonly #told = new Map<string, { readonly state: string; readonly line: string; readonly at: number }>();

  constructor(output: Output) {
    this.#output = output;
  }

  update(snapshot: GraphSnapshot): void {
    const lines = graphLines(snapshot, this.#output.noteTheme);
    for (const [index, sync] of snapshot.progress.syncs.entries()) {
      const line = lines[index] ?? '';
      const told = this.#told.get(sync.sync);
      if (told?.line === line || (told?.state === sync.state && snapshot.now - told.at < EVERY_MS)) continue;
      this.#told.set(sync.sync, { state: sync.state, line, at: snapshot.now });
      // That it waits is told by the others.
      if (sync.state === 'waiting') continue;
      this.#output.note(line);
      const run = sync.runId === undefined ? undefined : snapshot.runs.get(sync.runId);
      this.#output.event({ event: 'progress', at: new Date(snapshot.now).toISOString(), ...sync, ...(run === undefined ? {} : { run: runDocument(run) }) });
    }
  }

  end(): void {
    this.#told.clear();
  }
}

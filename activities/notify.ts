import { syncScope } from '../engine/ids.ts';
import type { NotifyInput } from './activities.ts';
import { alertDefinitionOf } from './alert-rules.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { dueNotices } from './due-notices.ts';
import { whileBeating } from './heartbeat.ts';
import { judgeEnd } from './judge-alerts.ts';

/** Judges the end of a run, and wakes whoever sends what is due; see `Activities.notify`. */
export async function notify(dependencies: ActivityDependencies, { ref, runId }: NotifyInput): Promise<void> {
  await whileBeating(
    dependencies,
    runId,
    () => undefined,
    async () => {
      const run = await dependencies.ledger.readRun(runId);
      const definition = run === undefined ? undefined : await alertDefinitionOf(dependencies, run);
      if (run === undefined || definition === undefined) return;
      await judgeEnd(dependencies, definition, run);
      const incidents = await dependencies.ledger.listUnfinishedIncidents(syncScope(ref));
      if (incidents.some((incident) => dueNotices(incident, definition, dependencies.now()).length > 0)) await dependencies.wakeAlerts(ref, { isNew: true });
    },
  );
}

import type { Cli } from '../client/cli.ts';
import { hasSearchAttributes } from '../client/temporal/search-attributes.ts';
import type { SyncRef } from '../engine/ids.ts';
import { EVENTS_WORKFLOW, wakeUpOf } from '../engine/wake-up.ts';

const TIMEOUT_MS = 10_000;

/** Makes what tells the workflow of a sync, by a signal without content, that there are events; it is started where it does not run. Rejects where Temporal does not take it. */
export function makeSendWake(): (cli: Cli, ref: SyncRef) => Promise<void> {
  // A server that has them keeps them.
  let isRegistered = false;
  return async (cli, ref) => {
    const temporal = await cli.session.temporal();
    isRegistered ||= await hasSearchAttributes(temporal);
    const { client } = temporal;
    await client.connection.withDeadline(Date.now() + TIMEOUT_MS, () => client.workflow.signalWithStart(EVENTS_WORKFLOW, wakeUpOf(ref, isRegistered)));
  };
}

import { z } from 'zod';
import { syncWorkflowId } from '../../engine/ids.ts';
import { resumeBackfill } from '../backfilling/steer-backfill.ts';
import { defineCommand } from '../command.ts';
import { resumeEvents } from '../events/steer-events.ts';
import { EXIT } from '../exit-codes.ts';
import { isHeard } from '../temporal/live-run.ts';
import { steerRun } from '../temporal/steer-run.ts';
import { waitForControl } from '../temporal/wait-for-control.ts';

export const resumeCommand = defineCommand({
  name: 'resume',
  group: 'Steer',
  summary: 'Let a paused run go on where it stopped',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--backfill', 'its backfill'],
    ['--events', 'what deliveries name'],
  ],
  input: z.object({ sync: z.string(), backfill: z.boolean().default(false), events: z.boolean().default(false) }),
  run: async (cli, { sync, backfill, events }) => {
    if (backfill) return resumeBackfill(cli, sync);
    if (events) return resumeEvents(cli, sync);
    const { ref, run, hasChanged } = await steerRun(cli, sync, 'resume', () => cli.requireConsent(`resume ${sync}`));
    if (!hasChanged) {
      cli.out.document({ run: run.id, paused: false, changed: false });
      cli.out.print(`${sync} is not paused (${run.id}).`);
      return EXIT.done;
    }
    const isDone = (await isHeard(cli, ref, syncWorkflowId(ref))) && (await waitForControl(cli, run.id, (control) => !control.paused));
    cli.out.document({ run: run.id, paused: !isDone, changed: true });
    cli.out.print(
      isDone ? `${cli.out.theme.good('●')} ${sync} goes on (${run.id}).` : `${sync} was asked to go on (${run.id}); it will when a worker takes the message.`,
    );
    cli.out.note(`Follow it: ${cli.command(`run ${sync}`)}`);
    return EXIT.done;
  },
});

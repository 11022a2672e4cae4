import { z } from 'zod';
import { syncWorkflowId } from '../../engine/ids.ts';
import { pauseBackfill } from '../backfilling/steer-backfill.ts';
import { defineCommand } from '../command.ts';
import { pauseEvents } from '../events/steer-events.ts';
import { EXIT } from '../exit-codes.ts';
import { isHeard } from '../temporal/live-run.ts';
import { steerRun } from '../temporal/steer-run.ts';
import { waitForControl } from '../temporal/wait-for-control.ts';

export const pauseCommand = defineCommand({
  name: 'pause',
  group: 'Steer',
  summary: 'Pause the live run; what is in flight is settled first',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--backfill', 'its backfill, with the windows that are being read'],
    ['--events', 'what deliveries name: it is kept until they are resumed'],
  ],
  input: z.object({ sync: z.string(), backfill: z.boolean().default(false), events: z.boolean().default(false) }),
  run: async (cli, { sync, backfill, events }) => {
    if (backfill) return pauseBackfill(cli, sync);
    if (events) return pauseEvents(cli, sync);
    const { ref, run, hasChanged } = await steerRun(cli, sync, 'pause', () => cli.requireConsent(`pause ${sync}`));
    if (!hasChanged) {
      cli.out.document({ run: run.id, paused: true, changed: false });
      cli.out.print(`${sync} is paused already (${run.id}).`);
      return EXIT.done;
    }
    const isDone = (await isHeard(cli, ref, syncWorkflowId(ref))) && (await waitForControl(cli, run.id, (control) => control.paused));
    cli.out.document({ run: run.id, paused: isDone, changed: true });
    cli.out.print(
      isDone
        ? `${cli.out.theme.warning('⏸')} ${sync} is paused (${run.id}).`
        : `${sync} was asked to pause (${run.id}); it will when a worker takes the message.`,
    );
    cli.out.note(`Go on: ${cli.command(`resume ${sync}`)}`);
    return EXIT.done;
  },
});

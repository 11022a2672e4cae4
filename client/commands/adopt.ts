import { z } from 'zod';
import { offers } from '../../definition/offered.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { refuseLiveRun, startOwnRun } from '../starting/refuse-live-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

export const adoptCommand = defineCommand({
  name: 'adopt',
  group: 'Run',
  summary: 'Find which records the target has already, by match key, and know them from then on; sends nothing',
  arguments: [['<sync>', 'name of the sync']],
  options: [['--detach', 'start it and return at once']],
  examples: ['syncline adopt contacts-to-hubspot'],
  input: z.object({ sync: z.string(), detach: z.boolean().default(false) }),
  run: async (cli, { sync, detach }) => {
    const ref = await cli.session.sync(sync);
    const { definition, hash } = (await cli.session.project()).resolve(sync);
    const { source, target } = definition.sync;
    const object = definition.connections[target.connection]?.objects[target.object];
    if (object === undefined || !offers(object, 'search')) {
      const message = `${target.connection} ${target.object} has no \`search\`: what is there cannot be looked up by ${target.matchOn}. A run adopts it as it writes, where the target can upsert.`;
      throw new CliError({ exitCode: EXIT.definition, code: 'NO_SEARCH', message });
    }
    await refuseLiveRun(cli, ref, 'adopt');
    await requireWorker(cli, ref, [ref.sync]);
    cli.requireConsent(`take the records of ${target.connection} ${target.object} for those of ${source.connection} ${source.object}`);
    const runId = await startOwnRun(cli, 'adopt', {
      ref,
      trigger: 'adopt',
      options: { adopt: true },
      definitionHash: hash,
      useWorkerVersion: false,
      audited: { action: 'adopt.started', details: {} },
      details: `${target.connection} ${target.object} is asked for each record of ${source.connection} ${source.object}, by ${target.matchOn}; nothing is sent`,
    });
    if (!detach) {
      if (!cli.out.isLive) cli.out.note(`Looking for what ${target.connection} has already, as ${runId}`);
      return followToEnd(cli, ref, runId);
    }
    cli.out.document({ run: { id: runId, ...ref } });
    cli.out.print(runId);
    return EXIT.done;
  },
});

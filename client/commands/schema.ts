import { z } from 'zod';
import { DEFINITION_KINDS, definitionJsonSchema } from '../../definition/json-schema.ts';
import { didYouMean } from '../../engine/suggest.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const schemaCommand = defineCommand({
  name: 'schema',
  group: 'Define',
  summary: 'The JSON Schema of a definition file, for editors',
  arguments: [['[kind]', `${DEFINITION_KINDS.join(', ')}; without it, all of them by kind`]],
  examples: ['syncline schema sync > .syncline/sync.schema.json'],
  input: z.object({ kind: z.string().optional() }),
  run: async (cli, { kind }) => {
    const known = DEFINITION_KINDS.find((one) => one === kind);
    if (kind !== undefined && known === undefined) {
      throw new CliError({
        exitCode: EXIT.usage,
        code: 'USAGE',
        message: `There is no schema of "${kind}"${didYouMean(kind, DEFINITION_KINDS)}. There are: ${DEFINITION_KINDS.join(', ')}.`,
      });
    }
    const schema = known === undefined ? Object.fromEntries(DEFINITION_KINDS.map((one) => [one, definitionJsonSchema(one)])) : definitionJsonSchema(known);
    cli.out.raw(`${JSON.stringify(schema, null, 2)}\n`);
    return EXIT.done;
  },
});

import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { draftFromAnswers } from '../connecting/draft-from-answers.ts';
import { draftFromCurl } from '../connecting/draft-from-curl.ts';
import { draftFromDescription } from '../connecting/draft-from-description.ts';
import { requireFree, writeConnector } from '../connecting/new-connector.ts';
import { tellConnector } from '../connecting/tell-connector.ts';
import { EXIT } from '../exit-codes.ts';
import { listSchema } from '../list-argument.ts';

const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name has letters, digits, hyphens, dots and underscores only');

export const connectorNewCommand = defineCommand({
  name: 'new',
  group: 'Define',
  summary: 'Writes a connector for an API from its OpenAPI description, a curl command, or your answers; what is guessed is marked for review',
  arguments: [['<name>', 'name of the connector, and of the connection that uses it']],
  options: [
    ['--openapi <file>', 'its description: a file or an address; OpenAPI 3.0, 3.1 or Swagger 2.0, JSON or YAML'],
    ['--curl <command>', 'a request that lists records, as documentation or a browser gives it; "-": from standard input'],
    ['--objects <names>', 'only these objects of the description'],
    ['--base-url <url>', 'where the API is, where its description does not say that'],
    ['--live', 'ask the API: with --curl once to guess from its answer; then read a page of the first object'],
  ],
  examples: [
    'syncline connector new acme --openapi https://api.acme.test/openapi.json',
    'syncline connector new acme --openapi acme.yaml --objects contacts,orders --live',
  ],
  input: z.object({
    name: nameSchema,
    openapi: z.string().optional(),
    curl: z.string().optional(),
    objects: listSchema.optional(),
    baseUrl: z.url({ protocol: /^https?$/, error: 'expected an address such as https://api.acme.test/v1' }).optional(),
    live: z.boolean().default(false),
  }),
  run: async (cli, { name, openapi, curl, objects, baseUrl, live }) => {
    if (openapi !== undefined && curl !== undefined) throw usage('Say what the API is known by once: --openapi FILE, or --curl COMMAND.');
    if (openapi === undefined && (objects ?? baseUrl) !== undefined) throw usage('--objects and --base-url go with --openapi.');
    requireFree(cli, name);
    const drafted =
      openapi !== undefined
        ? await draftFromDescription(cli, { name, place: openapi, objects, baseUrl })
        : curl !== undefined
          ? await draftFromCurl(cli, name, curl, live)
          : await draftFromAnswers(cli, name);
    return tellConnector(cli, { ...drafted, isLive: live, written: (profile) => writeConnector(cli, drafted, profile) });
  },
});

function usage(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}

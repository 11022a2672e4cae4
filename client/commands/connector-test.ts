import { z } from 'zod';
import { defineCommand } from '../command.ts';

export const connectorTestCommand = defineCommand({
  name: 'test',
  group: 'Define',
  summary: 'Tries all that a connector says it can do, on a mock vendor that is made from it',
  arguments: [['<name>', 'the connector: one that ships, or connectors/NAME.yaml of the project']],
  examples: ['syncline connector test hubspot', 'syncline connector test acme --json'],
  input: z.object({ name: z.string() }),
  // Loaded here: the kit speaks HTTP and to databases, and other commands need not wait for that.
  run: async (cli, { name }) => (await import('../connecting/test-connector.ts')).testConnector(cli, name),
});

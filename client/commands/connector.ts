import { defineGroup } from '../command-group.ts';
import { connectorNewCommand } from './connector-new.ts';
import { connectorTestCommand } from './connector-test.ts';

export const connectorCommand = defineGroup({
  name: 'connector',
  group: 'Define',
  summary: 'Connects an API that ships with no connector: new, test',
  commands: [connectorNewCommand, connectorTestCommand],
});

import { defineGroup } from '../command-group.ts';
import { connectorNewCommand } from './connector-new.ts';

export const connectorCommand = defineGroup({
  name: 'connector',
  group: 'Define',
  summary: 'Connects an API that ships with no connector: new',
  commands: [connectorNewCommand],
});

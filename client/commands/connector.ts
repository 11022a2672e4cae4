import { defineGroup } from '../command-group.ts';
import { connectorNewCommand } from './connector-new.ts';
import { connectorProbeCommand } from './connector-probe.ts';
import { connectorTestCommand } from './connector-test.ts';

export const connectorCommand = defineGroup({
  name: 'connector',
  group: 'Define',
  summary: 'Connects an API that ships with no connector: new, probe, test',
  commands: [connectorNewCommand, connectorProbeCommand, connectorTestCommand],
});

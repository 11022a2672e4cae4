import { z } from 'zod';
import { listAlerts } from '../alerting/list-alerts.ts';
import { testAlerts } from '../alerting/test-alerts.ts';
import { defineCommand } from '../command.ts';

export const alertsCommand = defineCommand({
  name: 'alerts',
  group: 'Look',
  summary: 'What is wrong at the moment by the alert rules; a test message to each channel',
  arguments: [
    ['<action>', 'list or test'],
    ['[channel]', 'with test: only this one'],
  ],
  examples: ['syncline alerts list', 'syncline alerts test', 'syncline alerts test ops-slack'],
  input: z
    .object({ action: z.enum(['list', 'test'], 'expected list or test'), channel: z.string().optional() })
    .refine((input) => input.action === 'test' || input.channel === undefined, 'list takes no channel'),
  run: async (cli, { action, channel }) => (action === 'test' ? testAlerts(cli, channel) : listAlerts(cli)),
});

import { z } from 'zod';
import { parseDuration } from '../../engine/duration.ts';
import { listAlerts } from '../alerting/list-alerts.ts';
import { muteAlerts, unmuteAlerts } from '../alerting/mute-alerts.ts';
import { testAlerts } from '../alerting/test-alerts.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

const ACTIONS = ['list', 'test', 'mute', 'unmute'] as const;

const durationSchema = z
  .string()
  .transform((text, context) => parseDuration(text) ?? context.addIssue({ code: 'custom', message: 'expected a duration: 30m, 2h, 1d' }) ?? z.NEVER);

export const alertsCommand = defineCommand({
  name: 'alerts',
  group: 'Look',
  summary: 'What is wrong at the moment by the alert rules; a test message to each channel; quiet for a sync',
  arguments: [
    ['<action>', 'list, test, mute or unmute'],
    ['[name]', 'with test: only this channel; with mute and unmute: the sync'],
  ],
  options: [['--for <time>', 'with mute: for so long: 30m, 2h, 1d (default: 1h)']],
  examples: ['syncline alerts list', 'syncline alerts test ops-slack', 'syncline alerts mute contacts-to-hubspot --for 2h'],
  input: z
    .object({ action: z.enum(ACTIONS, 'expected list, test, mute or unmute'), name: z.string().optional(), for: durationSchema.optional() })
    .refine((input) => input.action !== 'list' || input.name === undefined, 'list takes no name')
    .refine((input) => input.action === 'mute' || input.for === undefined, '--for goes with mute'),
  run: async (cli, { action, name, for: forMs = 3_600_000 }) => {
    if (action === 'list') return listAlerts(cli);
    if (action === 'test') return testAlerts(cli, name);
    if (name === undefined) throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `Name the sync: ${cli.command(`alerts ${action} <sync>`)}` });
    return action === 'mute' ? muteAlerts(cli, name, forMs) : unmuteAlerts(cli, name);
  },
});

import { z } from 'zod';

const SECRET = /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$/;

/** Whoever knows it can post there. */
const secretOnly = (description: string) =>
  z
    .string()
    .regex(SECRET, 'whoever knows it can post there: write ${secret:NAME}, and put its value into .env')
    .meta({ description: `${description}: a reference`, examples: ['${secret:OPS_SLACK}'] });

/** Where alerts go. Addresses and keys are secret references until the process that sends resolves them. */
export const channelSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('slack').meta({ description: 'An incoming webhook of Slack' }), url: secretOnly('Its address') }),
    z.strictObject({
      type: z.literal('teams').meta({ description: 'A webhook of a Microsoft Teams workflow ("When a Teams webhook request is received")' }),
      url: secretOnly('Its address'),
    }),
    z.strictObject({
      type: z.literal('pagerduty').meta({ description: 'PagerDuty Events API v2: an incident is triggered, and resolved by itself' }),
      key: secretOnly('The integration key of the service'),
      url: z
        .string()
        .default('https://events.pagerduty.com/v2/enqueue')
        .meta({ description: 'Elsewhere for accounts in the EU', examples: ['https://events.eu.pagerduty.com/v2/enqueue'] }),
      severity: z.enum(['critical', 'error', 'warning', 'info']).default('error').meta({ description: 'How bad it is' }),
    }),
    z.strictObject({ type: z.literal('webhook').meta({ description: 'JSON to an address of your own' }), url: secretOnly('The address') }),
  ])
  .meta({ id: 'channel', description: 'Where alerts go' });

export const channelsSchema = z
  .record(z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'must be of letters, digits, hyphens, dots and underscores'), channelSchema)
  .meta({ description: 'Channels by name, for `notify` of alerts', examples: [{ 'ops-slack': { type: 'slack', url: '${secret:OPS_SLACK}' } }] });

export type Channel = z.output<typeof channelSchema>;

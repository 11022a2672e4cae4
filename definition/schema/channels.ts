import { z } from 'zod';
import { ALERT_EVENTS, SEVERITIES } from '../../engine/alerts.ts';

const SECRET = /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$/;

/** Whoever knows it can post there. */
const secretOnly = (description: string) =>
  z
    .string()
    .regex(SECRET, 'whoever knows it can post there: write ${secret:NAME}, and put its value into .env')
    .meta({ description: `${description}: a reference`, examples: ['${secret:OPS_SLACK}'] });

const wallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, like 22:00');

const quietSchema = z
  .strictObject({
    from: wallTime.meta({ description: 'They begin', examples: ['22:00'] }),
    to: wallTime.meta({ description: 'They end: where that is before `from`, on the next day', examples: ['07:00'] }),
    timezone: z
      .string()
      .default('UTC')
      .meta({ description: 'By whose clock, as an IANA name; default UTC', examples: ['Europe/Berlin'] }),
    except: z
      .array(z.enum(ALERT_EVENTS))
      .default([])
      .meta({ description: 'What is told all the same', examples: [['run-failed']] }),
  })
  .meta({ description: 'When the channel is told nothing. What happened is told when they end, once, if it still holds' });

const anyChannel = { quiet: quietSchema.optional() };

const address = z.string().regex(/^[^@\s<>]+@[^@\s<>]+$|^[^<>]+ <[^@\s<>]+@[^@\s<>]+>$/, 'must be a mail address: ops@acme.test, or Syncline <ops@acme.test>');

const emailSchema = z.strictObject({
  type: z.literal('email').meta({ description: 'Mail by SMTP; the end of an incident answers the mail of its begin' }),
  host: z
    .string()
    .min(1)
    .meta({ description: 'The mail server', examples: ['smtp.acme.test'] }),
  port: z.number().int().min(1).max(65_535).optional().meta({ description: 'Default 587 with starttls, 465 with tls, 25 with none' }),
  security: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .meta({ description: 'Encrypted after a greeting, from the first byte on, or not at all: only to this machine' }),
  username: z.string().min(1).optional().meta({ description: 'Where the server asks for a login' }),
  password: secretOnly('The password of that login').optional(),
  from: address.meta({ description: 'The sender', examples: ['Syncline <syncline@acme.test>'] }),
  to: z
    .array(address)
    .min(1)
    .max(50)
    .meta({ description: 'Who gets it', examples: [['ops@acme.test']] }),
  ...anyChannel,
});

const webhookSchema = z.strictObject({
  type: z.literal('webhook').meta({ description: 'JSON to an address of your own' }),
  url: secretOnly('The address'),
  secret: secretOnly('What messages are signed with, by Standard Webhooks (whsec_ and base64); `results` needs it').optional(),
  ...anyChannel,
});

/** Where alerts go. Addresses and keys are secret references until the process that sends resolves them. */
export const channelSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('slack').meta({ description: 'An incoming webhook of Slack' }), url: secretOnly('Its address'), ...anyChannel }),
    z.strictObject({
      type: z.literal('teams').meta({ description: 'A webhook of a Microsoft Teams workflow ("When a Teams webhook request is received")' }),
      url: secretOnly('Its address'),
      ...anyChannel,
    }),
    z.strictObject({
      type: z.literal('pagerduty').meta({ description: 'PagerDuty Events API v2: an incident is triggered, and resolved by itself' }),
      key: secretOnly('The integration key of the service'),
      url: z
        .string()
        .default('https://events.pagerduty.com/v2/enqueue')
        .meta({ description: 'Elsewhere for accounts in the EU', examples: ['https://events.eu.pagerduty.com/v2/enqueue'] }),
      severity: z.enum(SEVERITIES).default('error').meta({ description: 'How bad it is' }),
      ...anyChannel,
    }),
    emailSchema,
    webhookSchema,
  ])
  .meta({ id: 'channel', description: 'Where alerts go' });

export const channelsSchema = z
  .record(z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'must be of letters, digits, hyphens, dots and underscores'), channelSchema)
  .meta({ description: 'Channels by name, for `notify` of alerts', examples: [{ 'ops-slack': { type: 'slack', url: '${secret:OPS_SLACK}' } }] });

export type Channel = z.output<typeof channelSchema>;
export type EmailChannel = z.output<typeof emailSchema>;
export type WebhookChannel = z.output<typeof webhookSchema>;

/** The key under which each type of channel has its secret. */
export const CHANNEL_SECRETS = { slack: 'url', teams: 'url', pagerduty: 'key', webhook: 'url', email: 'password' } as const satisfies Record<
  Channel['type'],
  string
>;

/** What makes a channel more than an address: a reference, until it is resolved. */
export function channelSecret(channel: Channel): string | undefined {
  return channel.type === 'email' ? channel.password : channel.type === 'pagerduty' ? channel.key : channel.url;
}

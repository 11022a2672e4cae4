import { z } from 'zod';
import { durationSchema, expressionSchema, sizeSchema, templateSchema } from './primitives.ts';

const SECRET = /^\$\{secret:[A-Za-z_][A-Za-z0-9_]*\}$/;

/** Whoever knows it can send what is believed. */
export const webhookSecretSchema = z.string().regex(SECRET, 'a secret must not stand in a file: write ${secret:NAME}, and put its value into .env');

const type = <Name extends string>(name: Name, description: string) => z.literal(name).meta({ description });

/** How a sender proves that a request is its own. */
export const signatureSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: type(
        'standard-webhooks',
        'standardwebhooks.com: webhook-id, webhook-timestamp and webhook-signature; the secret is whsec_… as the sender shows it',
      ),
    }),
    z.strictObject({ type: type('stripe', "Stripe-Signature; the secret is the endpoint's own (whsec_…)") }),
    z.strictObject({ type: type('hubspot-v3', "X-HubSpot-Signature-v3, which signs the public address too; the secret is the app's client secret") }),
    z.strictObject({ type: type('shopify', "X-Shopify-Hmac-SHA256; the secret is the app's client secret") }),
    z.strictObject({ type: type('github', 'X-Hub-Signature-256; the secret is the one of the webhook') }),
    z.strictObject({
      type: type('hmac', 'An HMAC in a header, for all others'),
      header: z
        .string()
        .min(1)
        .meta({ description: 'The header of the signature', examples: ['X-Acme-Signature'] }),
      algorithm: z.enum(['sha1', 'sha256', 'sha384', 'sha512']).default('sha256').meta({ description: 'The hash function' }),
      encoding: z.enum(['hex', 'base64', 'base64url']).default('hex').meta({ description: 'How the signature is written' }),
      prefix: z
        .string()
        .default('')
        .meta({ description: 'What stands before it in the header', examples: ['sha256='] }),
      signed: templateSchema
        .default('{body}')
        .meta({ description: 'What is signed, over body (as it came), timestamp, method, url and headers', examples: ['{timestamp}.{body}'] }),
      timestamp: z
        .strictObject({
          header: z
            .string()
            .min(1)
            .meta({ description: 'Its header', examples: ['X-Acme-Timestamp'] }),
          unit: z.enum(['s', 'ms', 'iso']).default('s').meta({ description: 'Seconds or milliseconds since 1970, or an ISO time' }),
        })
        .optional()
        .meta({ description: 'When it was signed; what is older than maxAge is refused. Only of use where `signed` inserts it' }),
      secretEncoding: z.enum(['text', 'hex', 'base64']).default('text').meta({ description: 'How the secret is written' }),
    }),
    z.strictObject({
      type: type('basic', 'A user name and a password; the secret is the password'),
      username: z
        .string()
        .min(1)
        .meta({ description: 'The user name', examples: ['syncline'] }),
    }),
    z.strictObject({
      type: type('bearer', 'A token that is sent along; the secret is the token'),
      header: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'A header that holds the token alone; absent: Authorization, after Bearer', examples: ['X-Gitlab-Token'] }),
    }),
  ])
  .meta({ id: 'signature', description: 'How a sender proves that a delivery is its own' });

const eventRuleSchema = z.strictObject({
  when: expressionSchema.optional().meta({
    description: 'Which events it is for, over `event`, `body` and `headers` (lower case); absent: all',
    examples: ["event.type = 'contact.updated'"],
  }),
  object: z.string().meta({ description: 'The object that changed: all syncs that read it are told' }),
  key: expressionSchema.meta({ description: 'The primary key of the record, or a list of them', examples: ['event.objectId'] }),
  kind: z.enum(['changed', 'deleted']).default('changed').meta({ description: 'What became of the record' }),
  version: expressionSchema.optional().meta({
    description: 'The version of the record, as the incremental field of the object has it: an older one than the last is passed over',
    examples: ['event.updated_at'],
  }),
  occurredAt: expressionSchema
    .optional()
    .meta({ description: 'When it happened: an ISO time, or seconds or milliseconds since 1970', examples: ['event.occurredAt'] }),
  record: expressionSchema.optional().meta({
    description: 'The whole record, as a read would show it: for syncs that take it from here in the place of a read',
    examples: ['event.data.object'],
  }),
});

const rulesShape = {
  signature: signatureSchema.optional(),
  delivery: expressionSchema.optional().meta({
    description: 'What a delivery that is sent again has in common with itself, over `headers` (lower case) and `body`; absent: what its signature says',
    examples: ["headers.'x-github-delivery'"],
  }),
  each: expressionSchema.optional().meta({ description: 'Where a delivery keeps its list of events; absent: it is one', examples: ['body', 'body.events'] }),
  events: z
    .array(eventRuleSchema)
    .min(1)
    .optional()
    .meta({ description: 'What an event says; every rule that matches counts, and an event that none matches is passed over' }),
  maxAge: durationSchema.optional().meta({ description: 'How far the time of a signature may be from now; default 5m' }),
  remember: durationSchema.optional().meta({ description: 'For how long a delivery that is sent again is known, at least twice `maxAge`; default 7d' }),
};

const deliverySchema = z
  .strictObject({
    link: z.string().meta({ description: 'Where it is documented' }),
    headers: z.record(z.string(), z.string()).default({}).meta({ description: 'Its headers, in lower case' }),
    body: z.json().meta({ description: 'Its body' }),
    tells: z
      .array(
        z.strictObject({
          object: z.string().meta({ description: 'The object' }),
          key: z.string().meta({ description: 'The key of the record' }),
          kind: z.enum(['changed', 'deleted']).default('changed').meta({ description: 'What became of it' }),
        }),
      )
      .meta({ description: 'The records that it is about' }),
  })
  .meta({ id: 'delivery', description: 'A delivery as the API documents it: "syncline connector test" reads it' });

/** What a connector knows of what its API sends by itself. */
export const connectorWebhooksSchema = z
  .strictObject({ ...rulesShape, examples: z.array(deliverySchema).optional().meta({ description: 'Deliveries as the API documents them' }) })
  .meta({ id: 'webhooks', description: 'What the API sends by itself, to `syncline listen`: how it signs, and which records its events are of' });

/** What a connection adds: its secrets, and what it has otherwise than its connector. */
export const connectionWebhooksSchema = z
  .strictObject({
    secrets: z
      .array(webhookSecretSchema)
      .min(1)
      .max(2)
      .meta({
        description: 'What deliveries are signed with: references; two while one takes the place of the other',
        examples: [['${secret:ACME_WEBHOOK_SECRET}']],
      }),
    ...rulesShape,
    rate: z
      .strictObject({
        count: z.number().int().positive().meta({ description: 'Deliveries' }),
        per: durationSchema.meta({ description: 'In this time' }),
      })
      .optional()
      .meta({ description: 'More genuine deliveries than this are asked to come again (429); default 600 in 1s', examples: [{ count: 100, per: '1s' }] }),
  })
  .meta({
    id: 'connection-webhooks',
    description: "Takes what the API sends by itself, at /webhooks/NAME of `syncline listen`; other keys go before those of the connector's webhooks",
  });

/** `listen` of syncline.yaml. */
export const listenSchema = z
  .strictObject({
    publicUrl: z
      .string()
      .optional()
      .meta({
        description: 'How the listener is reached from outside: told to vendors, and part of what some of them sign',
        examples: ['https://hooks.acme.test'],
      }),
    tokens: z
      .array(webhookSecretSchema)
      .min(1)
      .optional()
      .meta({
        description: 'Who has one of them may start runs over HTTP (POST /v1/syncs/NAME/runs): references; absent: nobody',
        examples: [['${secret:SYNCLINE_API_TOKEN}']],
      }),
    maxBytes: sizeSchema.optional().meta({ description: 'The largest body that is read; default 1MB' }),
  })
  .meta({ description: 'What `syncline listen` does' });

export type Signature = z.output<typeof signatureSchema>;
export type EventRule = z.output<typeof eventRuleSchema>;
export type ConnectorWebhooks = z.output<typeof connectorWebhooksSchema>;
export type ConnectionWebhooks = z.output<typeof connectionWebhooksSchema>;

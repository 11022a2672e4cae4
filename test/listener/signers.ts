import { createHmac } from 'node:crypto';
import { Signature as HubSpotSignature } from '@hubspot/api-client/lib/src/utils/signature.js';
import { sign as signAsGitHub } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { type Signature, signatureSchema } from '../../definition/schema/webhooks.ts';
import { shippedConnector } from '../connectors/shipped-connector.ts';

export interface Unsigned {
  readonly body: Buffer;
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How a vendor signs, by its own library where it has one. */
export interface Signer {
  readonly signature: Signature;
  readonly secret: string;
  readonly otherSecret: string;
  /** It signs its time too. */
  readonly hasTime: boolean;
  /** It signs the body, which then is text in UTF-8. */
  readonly signsBody: boolean;
  headers(request: Unsigned, secret: string): Promise<Record<string, string>>;
}

const signature = (written: object): Signature => signatureSchema.parse(written);
const seconds = (at: number) => String(Math.floor(at / 1_000));
const stripe = new Stripe('sk_test_none');

export const SIGNERS: Readonly<Record<string, Signer>> = {
  'standard-webhooks, by standardwebhooks': {
    signature: signature({ type: 'standard-webhooks' }),
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    otherSecret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
    hasTime: true,
    signsBody: true,
    headers: async ({ body, at }, secret) => ({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': seconds(at),
      'webhook-signature': new Webhook(secret).sign('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(at), body.toString()),
    }),
  },
  'stripe, by stripe': {
    signature: signature({ type: 'stripe' }),
    secret: 'whsec_test_secret',
    otherSecret: 'whsec_test_other',
    hasTime: true,
    signsBody: true,
    headers: async ({ body, at }, secret) => ({
      'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret, timestamp: Math.floor(at / 1_000) }),
    }),
  },
  'hubspot-v3, by @hubspot/api-client': {
    signature: signature({ type: 'hubspot-v3' }),
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    otherSecret: 'zzzzzzzz-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    hasTime: true,
    signsBody: true,
    headers: async ({ body, url, at }, secret) => ({
      'x-hubspot-request-timestamp': String(at),
      'x-hubspot-signature-v3': HubSpotSignature.getSignature('POST', 'v3', {
        signature: '',
        clientSecret: secret,
        requestBody: body.toString(),
        url,
        timestamp: at,
      }),
    }),
  },
  "shopify, as its documentation's example": {
    signature: signature({ type: 'shopify' }),
    secret: 'hush',
    otherSecret: 'hushed',
    hasTime: false,
    signsBody: true,
    headers: async ({ body }, secret) => {
      const key = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      return { 'x-shopify-hmac-sha256': Buffer.from(await crypto.subtle.sign('HMAC', key, new Uint8Array(body))).toString('base64') };
    },
  },
  'zendesk, as its documentation says, by what ships': {
    signature: shippedConnector('zendesk').webhooks?.signature ?? signature({}),
    secret: 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==',
    otherSecret: 'dGhpc19zZWNyZXRfaXNfb3RoZXI=',
    hasTime: true,
    signsBody: true,
    headers: async ({ body, at }, secret) => {
      const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
      const key = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      const signed = await crypto.subtle.sign('HMAC', key, new Uint8Array(Buffer.concat([Buffer.from(time), body])));
      return { 'x-zendesk-webhook-signature': Buffer.from(signed).toString('base64'), 'x-zendesk-webhook-signature-timestamp': time };
    },
  },
  'github, by @octokit/webhooks-methods': {
    signature: signature({ type: 'github' }),
    secret: "It's a Secret to Everybody",
    otherSecret: "It's a Secret to Nobody",
    hasTime: false,
    signsBody: true,
    headers: async ({ body }, secret) => ({ 'x-hub-signature-256': body.length === 0 ? '' : await signAsGitHub(secret, body.toString()) }),
  },
  'hmac, as a definition describes it': {
    signature: signature({
      type: 'hmac',
      header: 'X-Acme-Signature',
      algorithm: 'sha512',
      encoding: 'base64url',
      prefix: 'v0=',
      signed: '{method}:{timestamp}:{body}',
      timestamp: { header: 'X-Acme-Timestamp', unit: 'ms' },
      secretEncoding: 'hex',
    }),
    secret: '6b6579206f662061636d65',
    otherSecret: '6b6579206f6620616374',
    hasTime: true,
    signsBody: true,
    headers: async ({ body, at }, secret) => ({
      'x-acme-timestamp': String(at),
      'x-acme-signature': `v0=${createHmac('sha512', Buffer.from(secret, 'hex')).update(`POST:${at}:`).update(body).digest('base64url')}`,
    }),
  },
  basic: {
    signature: signature({ type: 'basic', username: 'syncline' }),
    secret: 'pass:word',
    otherSecret: 'password',
    hasTime: false,
    signsBody: false,
    headers: async (_, secret) => ({ authorization: `basic ${Buffer.from(`syncline:${secret}`).toString('base64')}` }),
  },
  bearer: {
    signature: signature({ type: 'bearer' }),
    secret: 'token-1',
    otherSecret: 'token-2',
    hasTime: false,
    signsBody: false,
    headers: async (_, secret) => ({ authorization: `Bearer ${secret}` }),
  },
  'a token in a header of its own': {
    signature: signature({ type: 'bearer', header: 'X-Gitlab-Token' }),
    secret: 'token-1',
    otherSecret: 'token-2',
    hasTime: false,
    signsBody: false,
    headers: async (_, secret) => ({ 'x-gitlab-token': secret }),
  },
};

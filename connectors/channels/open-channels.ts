import { makeRedactor } from '../../definition/redact.ts';
import { type Channel, channelSecret } from '../../definition/schema/channels.ts';
import { assertNever } from '../../engine/assert-never.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import { type Notice, noticeText } from '../../engine/notice.ts';
import { type PostOutcome, postJson } from '../../http/post-json.ts';
import type { ChannelRequest } from './channel-kind.ts';
import { emailOf } from './email.ts';
import { pagerDutyRequest } from './pagerduty.ts';
import type { ChannelAnswer, Channels } from './port.ts';
import { sendMail } from './send-mail.ts';
import { slackRequest } from './slack.ts';
import { teamsRequest } from './teams.ts';
import { signedRequest, webhookRequest } from './webhook.ts';

export interface ChannelsOptions {
  /** Puts secrets in the place of their references. @throws SyncError SECRET_MISSING */
  readonly resolveSecrets: (value: Json) => Json;
  /** Of one message. @default 8000 */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 8_000;
const MAX_SAID = 200;

/** The channels of this process; see `Channels`. */
export function openChannels({ resolveSecrets, timeoutMs = TIMEOUT_MS }: ChannelsOptions): Channels {
  return {
    send: (channel, notice) =>
      withSecrets(async () => {
        const resolved = secretsOf(resolveSecrets, channel);
        return send(channel, resolved, notice, timeoutMs);
      }),
    post: (channel, message) =>
      withSecrets(async () => {
        const { secret: url = '', signing } = secretsOf(resolveSecrets, channel);
        return post(signedRequest(url, signing, message), timeoutMs, [url, signing ?? '']);
      }),
  };
}

interface ChannelSecrets {
  /** What makes it more than an address. */
  readonly secret: string | undefined;
  /** What its messages are signed with. */
  readonly signing: string | undefined;
}

function secretsOf(resolveSecrets: ChannelsOptions['resolveSecrets'], channel: Channel): ChannelSecrets {
  const resolved = (reference: string | undefined) => (reference === undefined ? undefined : String(resolveSecrets(reference)));
  return { secret: resolved(channelSecret(channel)), signing: resolved(channel.type === 'webhook' ? channel.secret : undefined) };
}

/** What cannot be used is told as an answer: it is the user's to mend. */
async function withSecrets(work: () => Promise<ChannelAnswer>): Promise<ChannelAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyncError && error.code === 'SECRET_MISSING') return { isTaken: false, isWorthRepeating: false, said: error.message };
    throw error;
  }
}

async function post({ url, headers, body }: ChannelRequest, timeoutMs: number, secrets: readonly string[]): Promise<ChannelAnswer> {
  const outcome = await postJson(url, body, { timeoutMs, ...(headers === undefined ? {} : { headers }) });
  return answerOf(outcome, makeRedactor(secrets.filter((secret) => secret !== '')));
}

async function send(channel: Channel, { secret, signing }: ChannelSecrets, notice: Notice, timeoutMs: number): Promise<ChannelAnswer> {
  const text = noticeText(notice);
  if (channel.type === 'email') {
    const redact = makeRedactor(secret === undefined ? [] : [secret]);
    return sendMail({ channel, password: secret, timeoutMs, redact }, emailOf(channel, notice, text));
  }
  return post(requestOf(channel, secret ?? '', signing, notice, text), timeoutMs, [secret ?? '', signing ?? '']);
}

function requestOf(
  channel: Exclude<Channel, { readonly type: 'email' }>,
  secret: string,
  signing: string | undefined,
  notice: Notice,
  text: string,
): ChannelRequest {
  switch (channel.type) {
    case 'slack':
      return slackRequest({ url: secret }, notice, text);
    case 'teams':
      return teamsRequest({ url: secret }, notice, text);
    case 'pagerduty':
      return pagerDutyRequest({ ...channel, key: secret }, notice, text);
    case 'webhook':
      return webhookRequest({ url: secret, signing }, notice, text);
    default:
      return assertNever(channel);
  }
}

/** Every one of them says with a 2xx that it took the message; with a 429 or a 5xx, that it did not yet. */
function answerOf(outcome: PostOutcome, redact: (text: string) => string): ChannelAnswer {
  if (outcome.kind !== 'answered') return { isTaken: false, isWorthRepeating: outcome.kind === 'unanswered', said: outcome.why };
  const { status, text } = outcome;
  const words = redact(text).replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SAID);
  const isTaken = status >= 200 && status <= 299;
  return {
    isTaken,
    isWorthRepeating: !isTaken && (status === 408 || status === 429 || status >= 500),
    said: words === '' ? `${status}` : `${status} ${words}`,
  };
}

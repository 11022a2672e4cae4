import { Webhook } from 'standardwebhooks';
import { SyncError } from '../../engine/errors.ts';
import type { ChannelKind, ChannelRequest } from './channel-kind.ts';
import type { ChannelMessage } from './port.ts';

/** JSON to an address of the user's own, signed where it has a secret. A message that is sent twice has the same `webhook-id` and `Idempotency-Key`. */
export const webhookRequest: ChannelKind<{ readonly url: string; readonly signing: string | undefined }> = ({ url, signing }, notice, text) => {
  const { event, incident, project, profile, sync, rule, runId, at, since } = notice;
  const times = { at: new Date(at).toISOString(), since: new Date(since).toISOString() };
  const body = { event, incident, project, profile, sync, rule, ...(runId === undefined ? {} : { run: runId }), ...times, text };
  return signedRequest(url, signing, { id: `${incident}/${event}`, body });
};

/** As Standard Webhooks has it (standardwebhooks.com): the time is that of this attempt, the id that of the message. @throws SyncError SECRET_MISSING where the secret is none */
export function signedRequest(url: string, signing: string | undefined, { id, body }: ChannelMessage): ChannelRequest {
  const headers = { 'idempotency-key': id };
  if (signing === undefined) return { url, headers, body };
  const at = new Date();
  const signature = webhookOf(signing).sign(id, at, JSON.stringify(body));
  const proof = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)), 'webhook-signature': signature };
  return { url, headers: { ...headers, ...proof }, body };
}

function webhookOf(signing: string): Webhook {
  try {
    return new Webhook(signing);
  } catch (cause) {
    const message = 'The secret of a webhook channel is none of Standard Webhooks: write whsec_ and at least 24 bytes in base64.';
    throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message, cause });
  }
}

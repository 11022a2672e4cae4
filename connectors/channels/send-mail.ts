import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { z } from 'zod';
import type { EmailChannel } from '../../definition/schema/channels.ts';
import { isLoopback } from '../../http/base-url.ts';
import type { ChannelAnswer } from './port.ts';

const PORTS = { starttls: 587, tls: 465, none: 25 };
const MAX_SAID = 200;

const failureSchema = z.object({
  code: z.string().optional(),
  /** Of the system, or of TLS. */
  originalCode: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.number().optional(),
});

export interface MailServer {
  readonly channel: EmailChannel;
  readonly password: string | undefined;
  /** Of the whole message. */
  readonly timeoutMs: number;
  /** Hides the password. */
  readonly redact: (text: string) => string;
}

/** Hands one mail to a server (SMTP), once: over TLS, but to loopback. Never throws for what the other side does. */
export async function sendMail(server: MailServer, mail: SendMailOptions): Promise<ChannelAnswer> {
  const { host, security, username } = server.channel;
  if (security === 'none' && !isLoopback(host)) return refused('its server is spoken to in the clear: use starttls or tls');
  if (username !== undefined && server.password === undefined) return refused('it has a username and no password');
  const end = new AbortController();
  try {
    const late = sleep(server.timeoutMs, undefined, { signal: end.signal }).catch(() => undefined);
    const sent = await Promise.race([transportOf(server).sendMail(mail), late]);
    if (sent === undefined) return { isTaken: false, isWorthRepeating: true, said: `no answer within ${server.timeoutMs / 1_000} s` };
    const strangers = sent.rejected.length === 0 ? '' : `; not taken for ${sent.rejected.map(String).join(', ')}`;
    return { isTaken: true, isWorthRepeating: false, said: shortened(server.redact(sent.response ?? ''), strangers) };
  } catch (error) {
    return answerOf(server, failureSchema.safeParse(error).data ?? {});
  } finally {
    end.abort();
  }
}

function transportOf({ channel, password, timeoutMs }: MailServer) {
  const { host, security, username } = channel;
  return createTransport({
    host,
    port: channel.port ?? PORTS[security],
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A server says with a 4xx that it may take it later, with a 5xx that it will not (RFC 5321 section 4.2.1). */
function answerOf({ redact, timeoutMs }: MailServer, { code, originalCode, response, responseCode }: z.output<typeof failureSchema>): ChannelAnswer {
  if (code === 'ETLS') return refused('its server offers no STARTTLS');
  const words = shortened(redact(response ?? ''), '');
  const isWorthRepeating = responseCode === undefined ? code !== 'EAUTH' : responseCode < 500;
  const answer = { isTaken: false, isWorthRepeating };
  if (code === 'EAUTH') return { ...answer, said: words === '' ? 'the login was not possible' : `the login was refused: ${words}` };
  if (responseCode !== undefined) return { ...answer, said: words };
  return { ...answer, said: code === 'ETIMEDOUT' ? `no answer within ${timeoutMs / 1_000} s` : `no answer (${originalCode ?? code ?? 'unknown'})` };
}

function refused(said: string): ChannelAnswer {
  return { isTaken: false, isWorthRepeating: false, said };
}

function shortened(words: string, more: string): string {
  return `${words.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SAID)}${more}`;
}

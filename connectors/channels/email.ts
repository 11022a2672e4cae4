import type { SendMailOptions } from 'nodemailer';
import type { EmailChannel } from '../../definition/schema/channels.ts';
import type { Notice } from '../../engine/notice.ts';

/**
 * A mail as text and as HTML. The end of an incident answers the mail of its begin, so that both are one thread.
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4 Message-ID, In-Reply-To, References
 * @see https://www.rfc-editor.org/rfc/rfc3834#section-5 Auto-Submitted: nobody's absence note answers
 */
export function emailOf({ from, to }: Pick<EmailChannel, 'from' | 'to'>, notice: Notice, text: string): SendMailOptions {
  const { event, project, profile, sync, rule } = notice;
  const begin = messageId(from, notice, 'opened');
  const topic = event === 'test' ? 'a test of Syncline' : `${sync}: ${rule}`;
  return {
    from,
    to: [...to],
    subject: `${event === 'resolved' ? 'Re: ' : ''}[${project}/${profile}] ${topic}`,
    messageId: messageId(from, notice, event),
    ...(event === 'resolved' ? { inReplyTo: begin, references: [begin] } : {}),
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: `${text}\n`,
    html: htmlOf(notice, text),
  };
}

/** The same each time that one thing is sent: what arrives twice is known by it. */
function messageId(from: string, { project, profile, incident }: Notice, event: Notice['event']): string {
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'localhost';
  return `<${project}.${profile}.${incident}.${event}@${domain}>`;
}

const COLORS = { opened: '#b3261e', resolved: '#1e7b34', test: '#5f6368' };

function htmlOf({ event, sync, project, rule }: Notice, text: string): string {
  const title = { opened: `${sync} needs a look`, resolved: `${sync}: ${rule} is over`, test: `A test for ${project}` }[event];
  const style = `font-family: sans-serif; border-left: 4px solid ${COLORS[event]}; padding-left: 12px`;
  return `<!doctype html><html lang="en"><body><div style="${style}"><h3>${escaped(title)}</h3><p>${escaped(text)}</p></div></body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { openChannels } from '../../connectors/channels/open-channels.ts';
import type { Channel, EmailChannel } from '../../definition/schema/channels.ts';
import { type Notice, noticeText } from '../../engine/notice.ts';
import { makeAuthority, makeServerCertificate } from '../support/certificates.ts';

const AT = Date.UTC(2026, 0, 31, 9, 5, 7);
const OPENED: Notice = {
  ...{ project: 'acme', profile: 'prod', sync: 'contacts', event: 'opened', incident: 'i_1', rule: 'run-finished: rejected > 1', runId: 'r_1' },
  ...{ at: AT, since: AT, what: 'Of its run "rejected > 1" is true.' },
};
const RESOLVED: Notice = { ...OPENED, event: 'resolved', runId: 'r_2', at: AT + 60_000 };
const PASSWORD = 'password-that-is-secret';
const authority = await makeAuthority('an authority of the test');
const certificate = await makeServerCertificate(authority);
setDefaultCACertificates([...getCACertificates('default'), authority.cert]);

interface Mail {
  readonly user: string | undefined;
  readonly isEncrypted: boolean;
  readonly to: readonly string[];
  readonly text: string;
}

/** A real mail server, and what sends to it. */
async function receive(context: TestContext, options: SMTPServerOptions = {}, channel: Partial<EmailChannel> = {}, timeoutMs = 60_000) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...certificate,
    authOptional: true,
    onAuth: ({ username, password }, _, done) =>
      password === PASSWORD ? done(null, { user: username ?? '' }) : done(new Error(`no such login as ${username} with ${password}`)),
    onData: (stream, { user, secure, envelope }, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ user: typeof user === 'string' ? user : undefined, isEncrypted: secure, to, text: Buffer.concat(pieces).toString() });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const whole: Channel = {
    ...{ type: 'email', host: '127.0.0.1', port, security: 'starttls', from: 'Syncline <syncline@acme.test>', to: ['ops@acme.test'] },
    ...channel,
  };
  const channels = openChannels({ resolveSecrets: (value) => (value === '${secret:SMTP}' ? PASSWORD : 'wrong'), timeoutMs });
  return { mails, send: (notice = OPENED) => channels.send(whole, notice) };
}

const LOGIN = { username: 'syncline', password: '${secret:SMTP}' };
const header = (mail: Mail | undefined, name: string) =>
  new RegExp(String.raw`^${name}: (.*(?:\r\n\s.*)*)$`, 'mi').exec(mail?.text ?? '')?.[1]?.replaceAll(/\r\n\s+/g, ' ');

test('a mail goes to all by STARTTLS with a login, as text and as HTML, and the end of an incident answers its begin', async (context) => {
  const { mails, send } = await receive(context, {}, { ...LOGIN, to: ['ops@acme.test', 'Lead <lead@acme.test>'] });
  const answer = await send();
  assert.deepEqual([answer.isTaken, answer.said.slice(0, 4)], [true, '250 '], answer.said);
  await send(RESOLVED);
  await send();
  const [begin, end, again] = mails;
  assert.deepEqual([begin?.user, begin?.isEncrypted, begin?.to], ['syncline', true, ['ops@acme.test', 'lead@acme.test']]);
  assert.equal(header(begin, 'Subject'), '[acme/prod] contacts: run-finished: rejected > 1');
  assert.equal(header(end, 'Subject'), 'Re: [acme/prod] contacts: run-finished: rejected > 1');
  assert.equal(header(begin, 'Message-ID'), '<acme.prod.i_1.opened@acme.test>');
  assert.equal(header(end, 'Message-ID'), '<acme.prod.i_1.resolved@acme.test>');
  assert.deepEqual([header(end, 'In-Reply-To'), header(end, 'References')], ['<acme.prod.i_1.opened@acme.test>', '<acme.prod.i_1.opened@acme.test>']);
  assert.deepEqual([header(begin, 'In-Reply-To'), header(again, 'Message-ID')], [undefined, header(begin, 'Message-ID')]);
  assert.equal(header(begin, 'Auto-Submitted'), 'auto-generated');
  assert.match(header(begin, 'Content-Type') ?? '', /^multipart\/alternative/);
  const unfolded = begin?.text.replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? '';
  assert.ok(unfolded.includes(noticeText(OPENED)), unfolded);
  assert.match(unfolded, /<p>contacts \(acme, prod\): Of its run &quot;rejected &gt; 1&quot; is true\./);
});

test('a server that is encrypted from the first byte on, and one on this machine in the clear, take it too', async (context) => {
  const tls = await receive(context, { secure: true }, { security: 'tls' });
  const plain = await receive(context, { hideSTARTTLS: true }, { security: 'none' });
  assert.deepEqual([(await tls.send()).isTaken, (await plain.send()).isTaken], [true, true]);
  assert.deepEqual([tls.mails[0]?.isEncrypted, plain.mails[0]?.isEncrypted], [true, false]);
});

test('what keeps a mail from being taken is told in a sentence without the password', async (context) => {
  const login = await receive(context, {}, { username: 'syncline', password: '${secret:OTHER}' });
  assert.deepEqual(await login.send(), { isTaken: false, isWorthRepeating: false, said: 'the login was refused: 535 no such login as syncline with •••' });
  const plain = await receive(context, { disabledCommands: ['STARTTLS'] });
  const refusal = { isTaken: false, isWorthRepeating: false };
  assert.deepEqual(await plain.send(), { ...refusal, said: 'its server offers no STARTTLS' });
  const failing = (code: number, words: string) => ({
    onMailFrom: (_: unknown, __: unknown, done: (error?: Error) => void) => done(Object.assign(new Error(words), { responseCode: code })),
  });
  const busy = await receive(context, failing(451, 'greylisted, come back'));
  assert.deepEqual(await busy.send(), { isTaken: false, isWorthRepeating: true, said: '451 greylisted, come back' });
  const stern = await receive(context, failing(550, 'not from you'));
  assert.deepEqual(await stern.send(), { ...refusal, said: '550 not from you' });
  const clear = await receive(context, {}, { security: 'none', host: 'mail.acme.test' });
  assert.deepEqual(await clear.send(), { ...refusal, said: 'its server is spoken to in the clear: use starttls or tls' });
});

test('of several recipients, those that the server does not know are told of, and the others get it', async (context) => {
  const some = await receive(
    context,
    { onRcptTo: ({ address }, _, done) => (address.startsWith('gone') ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done()) },
    { to: ['gone@acme.test', 'ops@acme.test'] },
  );
  const answer = await some.send();
  assert.match(answer.said, /^250 .*; not taken for gone@acme\.test$/);
  assert.deepEqual([answer.isTaken, some.mails[0]?.to], [true, ['ops@acme.test']]);
});

test('a server that does not answer, one that is not there, and one whose certificate is not trusted are tried again', async (context) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  context.after(() => silent.close());
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const mute = await receive(context, {}, { port }, 2_000);
  assert.deepEqual(await mute.send(), { isTaken: false, isWorthRepeating: true, said: 'no answer within 2 s' });
  const stranger = await receive(context, await makeServerCertificate(await makeAuthority('an authority that nobody knows')));
  assert.deepEqual(await stranger.send(), { isTaken: false, isWorthRepeating: true, said: 'no answer (UNABLE_TO_VERIFY_LEAF_SIGNATURE)' });
  const gone = await receive(context, {}, { port: 1 });
  assert.deepEqual(await gone.send(), { isTaken: false, isWorthRepeating: true, said: 'no answer (ECONNREFUSED)' });
});

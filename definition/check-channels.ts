import { isTimezone } from './check-schedule.ts';
import type { CheckScope } from './check-scope.ts';
import { checkUrl } from './check-url.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import { CHANNEL_SECRETS, type Channel, channelSecret } from './schema/channels.ts';
import type { Project } from './schema/project.ts';
import { SECRET_PLACES, secretNames } from './secrets.ts';
import type { Path, YamlFile } from './yaml-file.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** Where alerts go. A secret that is not set stops no run: it is warned about. */
export function checkChannels({ environment }: Pick<CheckScope, 'environment'>, { value, file }: Loaded<Project>): Mistake[] {
  return Object.entries(value.channels ?? {}).flatMap(([name, channel]) => {
    const path = ['channels', name];
    const references = [channelSecret(channel), channel.type === 'webhook' ? channel.secret : undefined].filter((one) => one !== undefined);
    const missing = references.flatMap((reference) => secretNames(reference)).filter((one) => environment.secret(one) === undefined);
    const message = (one: string) => `the secret ${one} is not set here, so that ${name} is told nothing: put it into ${SECRET_PLACES}`;
    return [
      ...missing.map((one) => file.mistake([...path, CHANNEL_SECRETS[channel.type]], message(one), { kind: 'secret', severity: 'warning' })),
      ...(channel.type === 'pagerduty' ? checkUrl({ file, environment }, [...path, 'url'], false, false) : []),
      ...checkMail(file, path, channel),
      ...checkQuiet(file, [...path, 'quiet'], channel),
    ];
  });
}

function checkMail(file: YamlFile, path: Path, channel: Channel): Mistake[] {
  if (channel.type !== 'email') return [];
  const { host, security, username, password } = channel;
  const mistakes: Mistake[] = [];
  if (security === 'none' && !LOOPBACK.test(host)) mistakes.push(file.mistake([...path, 'security'], `${host} is another machine: use starttls or tls`));
  if ((username === undefined) !== (password === undefined))
    mistakes.push(file.mistake([...path, username === undefined ? 'password' : 'username'], 'username and password go together'));
  return mistakes;
}

function checkQuiet(file: YamlFile, path: Path, { quiet }: Channel): Mistake[] {
  if (quiet === undefined) return [];
  const mistakes = quiet.from === quiet.to ? [file.mistake([...path, 'to'], 'is when they begin: they would never end')] : [];
  if (isTimezone(quiet.timezone)) return mistakes;
  return [...mistakes, file.mistake([...path, 'timezone'], `"${quiet.timezone}" is no time zone: use an IANA name, like Europe/Berlin`)];
}

/** Below a channel: its address, key or password. */
export function isChannelSecret([first, , key]: readonly PropertyKey[]): boolean {
  return first === 'channels' && (key === 'secret' || Object.values(CHANNEL_SECRETS).some((secret) => secret === key));
}

/** Also of those with mistakes. */
export function channelNames({ project }: CheckScope['files']): readonly string[] {
  const written = project?.file.valueAt(['channels']);
  return typeof written === 'object' && written !== null ? Object.keys(written) : [];
}

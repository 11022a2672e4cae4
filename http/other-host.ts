import { SyncError } from '../engine/errors.ts';
import { isLoopback } from './base-url.ts';

/**
 * The place that a link of an API's answer leads to, where that is another host than the API's own and one that its connector names: `files.acme.com`, or `*.acme.com` for each below it. Links
 * are signed: no credential goes along. Encrypted always, but from loopback to loopback.
 * @returns undefined where it leads home
 * @throws SyncError CONTRACT_BROKEN where it leads to a host that is not named
 */
export function linkElsewhere(name: string, home: URL, link: string, hosts: readonly string[]): URL | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url === undefined || url.origin === home.origin) return undefined;
  const isAtHome = isLoopback(home.hostname) && isLoopback(url.hostname);
  const isNamed = url.protocol === 'https:' && url.port === '' && hosts.some((host) => fits(url.hostname, host.toLowerCase()));
  if ((isAtHome || isNamed) && url.username === '' && url.password === '') return url;
  throw new SyncError({
    code: 'CONTRACT_BROKEN',
    retry: 'never',
    message: `${name} gave a link to ${url.origin}, which is none of the hosts that its connector names for files (${hosts.join(', ')}): refused. If it is right, add it to "hosts".`,
  });
}

function fits(hostname: string, host: string): boolean {
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host;
}

import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { isLoopback } from '../base-url.ts';
import type { BaseUrlFrom } from './auth-options.ts';

/**
 * The account's own address, out of the answer that gave its token. The answer is believed within bounds: encrypted (but between programs of one machine), and one of the hosts declared.
 * @param baseUrl its path stays
 * @throws SyncError CONTRACT_BROKEN
 */
export async function readInstanceUrl(name: string, from: BaseUrlFrom, body: Json, baseUrl: URL): Promise<string> {
  const told = await compileExpression(from.answer).evaluate(body);
  const url = typeof told === 'string' ? URL.parse(told) : null;
  if (url === null) throw broken(`The answer with the token of ${name} names no address at ${from.answer} (baseUrlFrom).`);
  const isSafe = url.protocol === 'https:' || (isLoopback(url.hostname) && isLoopback(baseUrl.hostname));
  if (!isSafe || url.username !== '' || url.password !== '')
    throw broken(`The answer with the token of ${name} names an address that is not encrypted (${url.origin}): refused.`);
  if (!from.hosts.some((pattern) => isHost(pattern.toLowerCase(), url.hostname)))
    throw broken(
      `The answer with the token of ${name} leads to ${url.hostname}, which is none of baseUrlFrom.hosts: refused, because the credentials would go there.`,
    );
  return `${url.origin}${url.pathname.replace(/\/$/, '')}${baseUrl.pathname.replace(/\/$/, '')}`;
}

/** `*.example.com` is any name below it, not itself. */
function isHost(pattern: string, hostname: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) && hostname.length > pattern.length - 1 : pattern === hostname;
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}

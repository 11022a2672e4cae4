import { request } from 'undici';
import type { Json } from '../engine/json.ts';
import { isLoopback } from './base-url.ts';
import { USER_AGENT } from './user-agent.ts';

const MAX_ANSWER_BYTES = 16_384;

/** What came of one request. `unsent`: the address cannot be used. `unanswered`: nobody is known to have read it. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'unsent'; readonly why: string }
  | { readonly kind: 'unanswered'; readonly why: string };

/**
 * Sends one JSON document, once: no redirect is followed, nothing is repeated. The address is a secret: what is told of a failure never names it.
 * @param options.timeoutMs of the whole request
 */
export async function postJson(
  address: string,
  body: Json,
  options: { readonly timeoutMs: number; readonly headers?: Readonly<Record<string, string>> },
): Promise<PostOutcome> {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { kind: 'unsent', why: 'its address is no web address' };
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return { kind: 'unsent', why: 'its address is not encrypted: use https' };
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT, ...options.headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(options.timeoutMs),
      reset: true,
    });
    return { kind: 'answered', status: answer.statusCode, text: await readStart(answer.body) };
  } catch (error) {
    return { kind: 'unanswered', why: wordsOf(error, options.timeoutMs) };
  }
}

/** The rest of a long answer is not waited for. */
async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES).toString();
}

/** Codes only: messages of the system name the address. */
function wordsOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1_000} s`;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `no answer (${code})` : 'no answer';
}

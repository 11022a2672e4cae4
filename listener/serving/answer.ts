import type { JsonObject } from '../../engine/json.ts';

/** What a route answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; absent: none. */
  readonly body?: JsonObject;
}

/** A request as a route is given it. */
export interface Asked {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;
  /** By name in lower case; what came several times is one text. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly receivedAt: number;
}

/** Answers one kind of request. Never throws for what a sender does. */
export type Route = (asked: Asked) => Promise<Answer>;

/** An answer that says what is wrong, for programs and people (RFC 9457). */
export function problem(status: number, title: string, more: JsonObject = {}, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, 'content-type': 'application/problem+json' }, body: { type: 'about:blank', title, status, ...more } };
}

/** Not now: the same request may be taken later. */
export function unavailable(title: string, retryAfterSeconds: number): Answer {
  return problem(503, title, {}, { 'retry-after': String(retryAfterSeconds) });
}

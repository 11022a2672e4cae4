import { parseDuration } from '../../engine/duration.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import { readTime } from '../../engine/written-time.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { readCookies } from './answer-cookies.ts';

/** Times below are seconds since 1970, not milliseconds: it is the year 5138 otherwise. */
const MOST_SECONDS = 1e11;

/** What the places of a token are looked for in: an answer, with its cookies. */
export function sayingOf({ status, headers, body }: ReadAnswer): JsonObject {
  return { status, headers: { ...headers }, cookies: readCookies(headers['set-cookie']), body };
}

/** A token at its place. @returns undefined where there is none that a header may hold */
export async function tokenAt(place: string, said: Json): Promise<string | undefined> {
  const found = await compileExpression(place).evaluate(said);
  const token = typeof found === 'number' ? String(found) : found;
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

export interface LifetimePlaces {
  readonly expiresIn?: string | undefined;
  readonly expiresAt?: string | undefined;
  /** A duration as written. */
  readonly lifetime?: string | undefined;
}

/** How long a token is good, where that is told or declared. @param broken made of what the answer lacks */
export async function lifetimeAt(places: LifetimePlaces, said: Json, now: number, broken: (what: string) => Error): Promise<number | undefined> {
  if (places.expiresIn !== undefined) {
    const seconds = Number(await compileExpression(places.expiresIn).evaluate(said));
    if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
    throw broken(`holds no number of seconds at ${places.expiresIn}`);
  }
  if (places.expiresAt !== undefined) {
    const at = timeOf(await compileExpression(places.expiresAt).evaluate(said));
    if (at !== undefined) return Math.max(0, at - now);
    throw broken(`holds no time at ${places.expiresAt}`);
  }
  return places.lifetime === undefined ? undefined : parseDuration(places.lifetime);
}

function timeOf(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
  if (number !== undefined) return number < MOST_SECONDS ? number * 1_000 : number;
  // A time without a zone is one of UTC, wherever the worker is.
  const at = readTime(String(value).trim())?.ms ?? Date.parse(String(value));
  return Number.isFinite(at) ? at : undefined;
}

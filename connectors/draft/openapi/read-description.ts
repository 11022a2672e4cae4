import { dereference } from '@readme/openapi-parser';
import { parse } from 'yaml';
import { z } from 'zod';
import { SyncError } from '../../../engine/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../engine/json.ts';
import { askOnce } from '../ask-once.ts';
import { textAt } from './parts.ts';

export type DescriptionPlace = { readonly file: string } | { readonly url: string; readonly signal?: AbortSignal };

/** What goes round does so in memory: whoever looks at it counts how deep. */
const DEREFERENCE = { circular: true } as const;
const MAX_MS = 30_000;

/**
 * Reads a description with its references resolved; of a file also those to files beside it, of an address none to elsewhere.
 * @throws SyncError DEFINITION_INVALID where it is none of OpenAPI 3.0, 3.1 and Swagger 2.0; SYSTEM_UNAVAILABLE where nobody answers
 */
export async function readDescription(place: DescriptionPlace): Promise<JsonObject> {
  const found = 'file' in place ? await resolved(place.file, true, place.file) : await resolved(await fetchDescription(place), false, place.url);
  const version = textAt(found, 'openapi') ?? textAt(found, 'swagger');
  if (isJsonObject(found) && version !== undefined && /^(?:3\.[01]|2\.0)/.test(version)) return found;
  throw invalid(
    `${shown(place)} is no description that is known here: OpenAPI 3.0, OpenAPI 3.1 or Swagger 2.0${version === undefined ? '' : `, but ${version}`}.`,
  );
}

async function resolved(description: string | JsonObject, isFile: boolean, place: string): Promise<Json> {
  try {
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the library wants a document of its own types; it parses whatever is there
    const found = await dereference(description as string, { dereference: DEREFERENCE, resolve: { external: isFile, file: isFile }, timeoutMs: MAX_MS });
    const plain: unknown = found;
    // What is dereferenced refers to the same parts many times over: it is looked at, never copied.
    return z.custom<Json>((value) => typeof value === 'object').parse(plain);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'it cannot be parsed';
    throw invalid(`${place.replace(/\?.*$/, '')} cannot be read as a description of an API: ${why.slice(0, 300)}`, cause);
  }
}

async function fetchDescription({ url, signal }: Extract<DescriptionPlace, { readonly url: string }>): Promise<JsonObject> {
  const answer = await askOnce({ name: 'the description', url: new URL(url), ...(signal === undefined ? {} : { signal }) });
  if (answer.status !== 200)
    throw invalid(
      `${shown({ url })} answers ${answer.status}: is that the address of the description itself, or does it need a login? Then save it, and name the file.`,
    );
  const body = typeof answer.body === 'string' ? fromYaml(answer.body, url) : answer.body;
  if (isJsonObject(body)) return body;
  throw invalid(`${shown({ url })} is no description: its answer is no JSON object.`);
}

function fromYaml(text: string, url: string): Json {
  try {
    return z.json().parse(parse(text, { maxAliasCount: 1_000, logLevel: 'error' }));
  } catch (cause) {
    throw invalid(`${shown({ url })} answers with neither JSON nor YAML.`, cause);
  }
}

function shown(place: DescriptionPlace): string {
  return 'file' in place ? place.file : place.url.replace(/\?.*$/, '');
}

function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}

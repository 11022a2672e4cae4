import assert from 'node:assert/strict';
import { compileMatchResults, type MatchRule } from '../../connectors/rest/match-results.ts';
import { writeSchema } from '../../definition/schema/write.ts';
import type { Json } from '../../engine/json.ts';
import { outgoing } from './connect.ts';

export const A = outgoing('ada@x.test', {}, '7');
export const B = outgoing('bob@x.test', {}, '8');
const C = outgoing('cy@x.test', {}, '9');
export const BATCH = [A, B, C];

export const WRITTEN = { outcome: 'written' } as const;
export const UNKNOWN = { outcome: 'unknown' } as const;
export const rejected = (message: string, more = {}) =>
  ({ outcome: 'rejected', rejection: { reason: 'api-rejected', message, retry: 'never', ...more } }) as const;

/** Reads answers by the rules of an endpoint, written as in YAML. */
export function matcher(results: unknown, more: { readonly failures?: unknown; readonly kind?: MatchRule['kind']; readonly values?: string } = {}) {
  const endpoint = writeSchema.parse({ post: '/batch', max: 100, results, ...(more.failures === undefined ? {} : { failures: more.failures }) });
  assert.ok(endpoint.results !== undefined);
  return compileMatchResults({ results: endpoint.results, failures: endpoint.failures, kind: more.kind ?? 'upsert', matchOn: 'email', values: more.values });
}

export const outcomes = async (match: ReturnType<typeof matcher>, body: Json, records = BATCH) => (await match(records, body)).results;

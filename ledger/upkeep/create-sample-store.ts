import { readSample, sampleText } from '../rows/sample-row.ts';
import type { SampleQuery, SampleStore } from '../sample-store.ts';
import type { Vault } from '../vault.ts';
import type { Keeper, KeptValue, Step } from './keeper.ts';

const KEEP = 'INSERT INTO request_samples (id, scope, run_id, sent_at, is_error, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING';
const KEEP_KEY = 'INSERT INTO sample_keys (scope, key, sample_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';

/** The same for both stores. */
export function createSampleStore(keeper: Keeper, vault: Vault): SampleStore {
  return {
    keepSamples: async ({ scope, runId, samples }) => {
      const steps = samples.flatMap(({ id, sample, keys }): readonly Step[] => [
        [KEEP, id, scope, runId, Math.round(sample.sentAt), sample.isError ? 1 : 0, sampleText(vault, sample)],
        ...[...new Set(keys)].map((key): Step => [KEEP_KEY, scope, key, id]),
      ]);
      if (steps.length > 0) await keeper.batch(steps);
    },
    readSamples: async (query) => {
      const { where, values } = conditionsOf(query);
      const sql = `SELECT id, scope, run_id, body FROM request_samples WHERE ${where} ORDER BY sent_at DESC, id DESC LIMIT ${Math.max(0, Math.round(query.limit))}`;
      return (await keeper.all(sql, ...values)).map((row) => readSample(vault, row));
    },
    pruneSamples: async (before) => {
      const at = Math.round(before);
      const [, pruned = 0] = await keeper.batch([
        ['DELETE FROM sample_keys WHERE sample_id IN (SELECT id FROM request_samples WHERE sent_at < $1)', at],
        ['DELETE FROM request_samples WHERE sent_at < $1', at],
      ]);
      return pruned;
    },
  };
}

function conditionsOf({ scope, runId, key, from, until, errorsOnly }: SampleQuery): { readonly where: string; readonly values: readonly KeptValue[] } {
  const values: KeptValue[] = [scope];
  const conditions = ['scope = $1'];
  const add = (condition: (place: string) => string, value: KeptValue | undefined) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add((place) => `run_id = ${place}`, runId);
  add((place) => `sent_at >= ${place}`, from);
  add((place) => `sent_at < ${place}`, until);
  add((place) => `id IN (SELECT sample_id FROM sample_keys k WHERE k.scope = request_samples.scope AND k.key = ${place})`, key);
  if (errorsOnly === true) conditions.push('is_error = 1');
  return { where: conditions.join(' AND '), values };
}

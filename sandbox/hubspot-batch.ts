import { z } from 'zod';
import type { Faults } from './faults.ts';
import type { Answer } from './http-server.ts';
import { invalidProperties, invalidRequest, type Refusal, refused } from './hubspot-error.ts';
import { PROPERTIES, unknownProperties } from './hubspot-properties.ts';
import { shown } from './hubspot-shown.ts';
import type { HubspotStore } from './hubspot-store.ts';
import { type HubspotWrites, type Input, inputSchema, type WriteKind } from './hubspot-writes.ts';

const LARGEST_BATCH = 100;
const batchSchema = z.object({ inputs: z.array(inputSchema).min(1) });

/**
 * `batch/create`, `batch/update` and `batch/upsert`. Where every input has its own `objectWriteTraceId`, refused inputs are listed in a 207 and the others are
 * written ("Multi-status errors"); where one has none, a single refused input refuses the batch.
 */
export function writeBatch(kind: WriteKind, body: unknown, store: HubspotStore, writes: HubspotWrites, faults: Faults): Answer {
  const startedAt = new Date().toISOString();
  const parsed = batchSchema.safeParse(body);
  if (!parsed.success) return invalidRequest(`Invalid input JSON: ${z.prettifyError(parsed.error)}`);
  const { inputs } = parsed.data;
  const unfit = refuseBatch(kind, inputs, store);
  if (unfit !== undefined) return unfit;
  const refusals = inputs.map((input) => writes.refusalOf(kind, input, faults));
  const firstRefusal = refusals.find((refusal) => refusal !== undefined);
  if (firstRefusal !== undefined && !isTraced(inputs)) return refused(firstRefusal);
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const [index, input] of inputs.entries()) {
    // Looked at once more: an earlier input of the batch may have taken the e-mail address.
    const refusal = refusals[index] ?? writes.refusalOf(kind, input, faults);
    if (refusal === undefined) results.push(resultOf(kind, input, store, writes, faults));
    else errors.push(errorOf(refusal, input));
  }
  const answer = { status: 'COMPLETE', results, startedAt, completedAt: new Date().toISOString() };
  if (errors.length > 0) return { status: 207, body: { ...answer, numErrors: errors.length, errors } };
  return { status: kind === 'create' ? 201 : 200, body: answer };
}

/** What refuses a batch as a whole. */
function refuseBatch(kind: WriteKind, inputs: readonly Input[], store: HubspotStore): Answer | undefined {
  if (inputs.length > LARGEST_BATCH) return invalidRequest(`The maximum number of inputs per request is ${LARGEST_BATCH}, there are ${inputs.length}`);
  const keys = kind === 'create' ? [] : inputs.map((input) => (input.id ?? '').toLowerCase());
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) return invalidRequest(`Duplicate IDs found in batch input: [${repeated}]. IDs must be unique`, { ids: [repeated] });
  const notUnique = inputs.find(({ idProperty }) => idProperty !== undefined && !PROPERTIES[store.object].unique.includes(idProperty))?.idProperty;
  if (notUnique !== undefined) return invalidRequest(`Property ${notUnique} does not have unique values: records cannot be identified by it`);
  // Documented for `batch/create` alone: there an unknown property is an error of its record.
  if (kind === 'create' && isTraced(inputs)) return undefined;
  const unknown = unknownProperties(
    store.object,
    inputs.flatMap((input) => Object.keys(input.properties)),
  );
  return unknown.length === 0 ? undefined : refused(invalidProperties(unknown));
}

function isTraced(inputs: readonly Input[]): boolean {
  const traces = inputs.map((input) => input.objectWriteTraceId);
  return !traces.includes(undefined) && new Set(traces).size === traces.length;
}

function resultOf(kind: WriteKind, input: Input, store: HubspotStore, writes: HubspotWrites, faults: Faults): unknown {
  const { record, isNew } = writes.write(kind, input, faults);
  const { objectWriteTraceId } = input;
  return {
    ...shown(store.object, record, Object.keys(record.properties)),
    ...(kind === 'upsert' ? { new: isNew } : {}),
    ...(objectWriteTraceId === undefined ? {} : { objectWriteTraceId }),
  };
}

function errorOf({ category, message, errors, context }: Refusal, { objectWriteTraceId }: Input): unknown {
  const trace = objectWriteTraceId === undefined ? {} : { objectWriteTraceId: [objectWriteTraceId] };
  return { status: 'error', category, message, ...(errors === undefined ? {} : { errors }), context: { ...context, ...trace } };
}

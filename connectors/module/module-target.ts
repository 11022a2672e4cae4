import { SyncError } from '../../engine/errors.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { Classification, HttpAnswer } from '../../http/http-client.ts';
import type { BatchAnswer, Target, WriteAbility, WriteResult } from '../ports.ts';
import { brokenContract } from '../rest/broken-contract.ts';
import { observe } from '../rest/observe.ts';
import { answerOfRefusal } from '../rest/refused-write.ts';
import { openRestTarget, type RestTargetOptions } from '../rest/rest-target.ts';
import { contextFor, guarded } from './module-context.ts';
import type { ModuleWrite, ObjectModule } from './object-module.ts';

const DEFAULT_MAX_BYTES = 4_000_000;
const DEFAULT_APPLY_DELAY_MS = 30_000;

export interface ModuleTargetOptions extends Omit<RestTargetOptions, 'warn'> {
  readonly module: ObjectModule;
}

/** Writes an object by code: what is the account's is as with every other of its objects. */
export function openModuleTarget(options: ModuleTargetOptions): Target {
  const { client, connection, objectName, object, matchOn, module } = options;
  const account = { client, connection: connection.name, object: objectName };
  const where = `${connection.name}.${objectName}`;
  const offers = object.module?.offers ?? [];
  const abilities: Partial<Record<ChangeKind, WriteAbility>> = {};
  for (const kind of CHANGE_KINDS) {
    const write = module[kind];
    if (write !== undefined && offers.includes(kind)) abilities[kind] = abilityOf(kind, write);
  }
  return {
    ...openRestTarget({ ...options, warn: () => undefined }),
    abilities,
    canSearch: offers.includes('search'),
    indexingDelayMs: module.indexingDelayMs ?? 0,
    search: async (values, signal) => {
      const sending = { repeat: 'read', ...(signal === undefined ? {} : { signal }) } as const;
      const context = { ...contextFor({ ...account, observer: observe(connection.name, options.observer) }, `${where}.search`, sending), matchOn };
      const found = await guarded(`${where}.search`, async () => (await module.search?.(values, context)) ?? []);
      // All would look new, and be created again.
      if (found.some(({ fields }) => !Object.hasOwn(fields, matchOn)))
        throw brokenContract(`${where}.search: a record that was found does not show its "${matchOn}": return this field, too.`);
      const hits = values.map((value) => [value, found.filter(({ fields }) => compared(fields[matchOn]) === compared(value))] as const);
      return new Map(hits.filter(([, records]) => records.length > 0));
    },
    send: (batch) => sendBatch(options, batch, `${where}.${batch.kind}`),
  };
}

function abilityOf(kind: ChangeKind, { send: _, ...said }: ModuleWrite): WriteAbility {
  return { maxBytes: DEFAULT_MAX_BYTES, applyDelayMs: DEFAULT_APPLY_DELAY_MS, isRepeatable: kind !== 'create', ...said };
}

async function sendBatch(
  { client, connection, objectName, matchOn, observer, module }: ModuleTargetOptions,
  batch: Parameters<Target['send']>[0],
  where: string,
): Promise<BatchAnswer> {
  const write = module[batch.kind];
  const told = observe(connection.name, observer, batch.observer);
  const sending = { repeat: 'once', permit: batch.permit, checkBeforeDispatch: batch.checkBeforeDispatch } as const;
  let [isSent, refusal]: [boolean, BatchAnswer | undefined] = [false, undefined];
  const onRefusal = (answer: HttpAnswer, classification: Classification) => {
    refusal = answerOfRefusal(batch.kind, batch.records, answer, classification);
  };
  const { request, object } = contextFor({ client, connection: connection.name, object: objectName, observer: told }, where, sending, onRefusal);
  const once: typeof request = (asked) => {
    if (isSent) throw new TypeError('a batch is one request: what came of a second one could not be told');
    isSent = true;
    return request(asked);
  };
  try {
    const results = (await write?.send(batch.records, { object, matchOn, batchId: batch.id, request: once })) ?? [];
    return { answer: 'results', results: batch.records.map((__, index): WriteResult => results[index] ?? { outcome: 'unknown' }) };
  } catch (error) {
    if (refusal !== undefined) return refusal;
    if (error instanceof SyncError) throw error;
    const message = `${where}: its code failed${isSent ? ' after its request was sent' : ''}: ${error instanceof Error ? error.message : String(error)}.`;
    throw new SyncError({ code: isSent ? 'WRITE_OUTCOME_UNKNOWN' : 'CONTRACT_BROKEN', retry: isSent ? 'backoff' : 'never', message, cause: error });
  } finally {
    batch.permit.release();
  }
}

function compared(value: unknown): string {
  return (typeof value === 'string' || typeof value === 'number' ? String(value) : '').trim().toLowerCase();
}

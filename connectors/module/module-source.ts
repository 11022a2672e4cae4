import { z } from 'zod';
import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { Page, Source } from '../ports.ts';
import { brokenContract } from '../rest/broken-contract.ts';
import { contextFor, guarded, type ModuleAccount } from './module-context.ts';
import type { ModulePage, ObjectModule } from './object-module.ts';

/** The outside of what code returns; whether the fields are plain JSON is seen where they are used. */
const recordsSchema = z.array(z.looseObject({ key: z.string().min(1), fields: z.custom<object>(isObject, 'must be an object') }));

/** Reads an object by code. @param where names the object in errors */
export function openModuleSource(account: ModuleAccount, { readPage, readOne }: ObjectModule, { module }: ConnectorObject, where: string): Source {
  const reading = (part: string, signal: AbortSignal | undefined, onRefusal?: Parameters<typeof contextFor>[3]) =>
    contextFor(account, `${where}.${part}`, { repeat: 'read', ...(signal === undefined ? {} : { signal }) }, onRefusal);
  const readOneOrNone: Source['readOne'] = async (key, signal) => {
    let isGone = false;
    const context = reading('get', signal, (_, classification) => {
      isGone = classification.class === 'not-found';
    });
    try {
      return await guarded(`${where}.get`, async () => readOne?.(key, context));
    } catch (error) {
      if (isGone) return undefined;
      throw error;
    }
  };
  return {
    readPage: (request) =>
      guarded(`${where}.list`, async () => {
        const startedAt = Date.now();
        return pageOf(await readPage?.(request, reading('list', request.signal)), startedAt, `${where}.list`);
      }),
    ...(module?.offers.includes('get') === true ? { readOne: readOneOrNone } : {}),
  };
}

function pageOf(page: ModulePage | undefined, observedAt: number, where: string): Page {
  const looked = recordsSchema.safeParse(page?.records);
  if (page !== undefined && looked.success) return { observedAt, bytes: 0, next: undefined, ...page };
  const [issue] = looked.error?.issues ?? [];
  throw brokenContract(`${where}: its code returned no page: records.${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is missing'}.`);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

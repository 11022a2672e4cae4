import { z } from 'zod';
import type { Faults } from './faults.ts';
import type { Refusal } from './hubspot-error.ts';
import { PROPERTIES, type Properties, refuseValues } from './hubspot-properties.ts';
import type { HubspotStore, StoredRecord } from './hubspot-store.ts';

/** Values come as strings or are made strings; null clears. */
const propertiesSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .transform((properties): Properties => Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value === null ? '' : String(value)])));

export const inputSchema = z.object({
  id: z.string().optional(),
  idProperty: z.string().optional(),
  objectWriteTraceId: z.string().optional(),
  properties: propertiesSchema,
});

export type Input = z.output<typeof inputSchema>;
export type WriteKind = 'create' | 'update' | 'upsert';

export interface Written {
  readonly record: StoredRecord;
  readonly isNew: boolean;
}

/** Writes single records into a store, or says why HubSpot would refuse them. */
export class HubspotWrites {
  readonly #store: HubspotStore;
  readonly #ownerIds: ReadonlySet<string>;

  constructor(store: HubspotStore, ownerIds: ReadonlySet<string>) {
    this.#store = store;
    this.#ownerIds = ownerIds;
  }

  refusalOf(kind: WriteKind, input: Input, faults: Faults): Refusal | undefined {
    const known = this.#target(kind, input);
    if (known === undefined && (kind === 'update' || (kind === 'upsert' && input.idProperty === undefined))) {
      const ids = [input.id ?? ''];
      return {
        status: 404,
        category: 'OBJECT_NOT_FOUND',
        message: 'Could not get some objects, they may be deleted or not exist. Check that ids are valid.',
        context: { ids },
      };
    }
    return (
      refuseValues(this.#store.object, properties(kind, input), this.#ownerIds) ?? (faults.allowsDuplicates ? undefined : this.#conflictOf(kind, input, known))
    );
  }

  write(kind: WriteKind, input: Input, faults: Faults): Written {
    const known = this.#target(kind, input);
    return { record: this.#store.put(known, properties(kind, input), faults.indexingDelayMs), isNew: known === undefined };
  }

  #target(kind: WriteKind, { id = '', idProperty }: Input): StoredRecord | undefined {
    if (kind === 'create') return undefined;
    return idProperty === undefined ? this.#store.get(id) : this.#store.find(idProperty, id)[0];
  }

  #conflictOf(kind: WriteKind, input: Input, known: StoredRecord | undefined): Refusal | undefined {
    const written = properties(kind, input);
    for (const name of PROPERTIES[this.#store.object].unique) {
      const other = written[name] === undefined || written[name] === '' ? undefined : this.#store.find(name, written[name])[0];
      if (other === undefined || other.id === known?.id) continue;
      const message =
        name === 'email' ? `Contact already exists. Existing ID: ${other.id}` : `A record with that value for ${name} already exists. Existing ID: ${other.id}`;
      return { status: 409, category: 'CONFLICT', message, context: { existingId: [other.id] } };
    }
    return undefined;
  }
}

/** An upsert writes its key as well, unless the properties say otherwise. E-mail addresses are kept in small letters. */
function properties(kind: WriteKind, input: Input): Properties {
  const key = kind === 'upsert' && input.idProperty !== undefined ? { [input.idProperty]: input.id ?? '' } : {};
  const all: Properties = { ...key, ...input.properties };
  return all['email'] === undefined ? all : { ...all, email: all['email'].toLowerCase() };
}

import { type ObjectName, PROPERTIES, type Properties } from './hubspot-properties.ts';

export interface StoredRecord {
  readonly id: string;
  readonly properties: Properties;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The search does not find it before. */
  readonly visibleAtMs: number;
}

const FIRST_ID = 100_001;

/** The records of one object, by id and by their indexed properties. */
export class HubspotStore {
  readonly object: ObjectName;
  /** By id from `FIRST_ID` on; archived ones are gaps. */
  readonly #records: (StoredRecord | undefined)[] = [];
  readonly #indexes: ReadonlyMap<string, Map<string, readonly StoredRecord['id'][]>>;

  constructor(object: ObjectName) {
    this.object = object;
    this.#indexes = new Map(PROPERTIES[object].indexed.map((name) => [name, new Map()]));
  }

  all(): readonly StoredRecord[] {
    return this.#records.filter((record) => record !== undefined);
  }

  get size(): number {
    return this.all().length;
  }

  get(id: string): StoredRecord | undefined {
    return /^\d+$/.test(id) ? this.#records[Number(id) - FIRST_ID] : undefined;
  }

  /** Records with this value, whatever its capitals. */
  find(name: string, value: string): readonly StoredRecord[] {
    const index = this.#indexes.get(name);
    const wanted = value.toLowerCase();
    if (index === undefined) return this.all().filter((record) => (record.properties[name] ?? '').toLowerCase() === wanted);
    return (index.get(wanted) ?? []).flatMap((id) => this.get(id) ?? []);
  }

  /** At most `limit` records behind an id, in the order of their ids. */
  page(after: number, limit: number): { readonly records: readonly StoredRecord[]; readonly isLast: boolean } {
    const records: StoredRecord[] = [];
    for (let index = Math.max(0, after - FIRST_ID + 1); index < this.#records.length; index++) {
      const record = this.#records[index];
      if (record === undefined) continue;
      if (records.length === limit) return { records, isLast: false };
      records.push(record);
    }
    return { records, isLast: true };
  }

  /** Merges properties into a record, or makes one where `known` is undefined. */
  put(known: StoredRecord | undefined, properties: Properties, indexingDelayMs: number): StoredRecord {
    const now = new Date();
    const id = known?.id ?? String(FIRST_ID + this.#records.length);
    const { modified } = PROPERTIES[this.object];
    const createdAt = known?.createdAt ?? now.toISOString();
    const record: StoredRecord = {
      id,
      properties: { ...known?.properties, ...properties, hs_object_id: id, createdate: createdAt, [modified]: now.toISOString() },
      createdAt,
      updatedAt: now.toISOString(),
      visibleAtMs: known?.visibleAtMs ?? now.getTime() + indexingDelayMs,
    };
    this.#unindex(known);
    this.#records[Number(id) - FIRST_ID] = record;
    for (const [name, index] of this.#indexes) {
      const value = (record.properties[name] ?? '').toLowerCase();
      if (value !== '') index.set(value, [...(index.get(value) ?? []), id]);
    }
    return record;
  }

  archive(id: string): void {
    const record = this.get(id);
    this.#unindex(record);
    if (record !== undefined) this.#records[Number(id) - FIRST_ID] = undefined;
  }

  /** Values of an indexed property that more than one record has. */
  duplicates(name: string): readonly string[] {
    return [...(this.#indexes.get(name) ?? [])].filter(([, ids]) => ids.length > 1).map(([value]) => value);
  }

  #unindex(record: StoredRecord | undefined): void {
    if (record === undefined) return;
    for (const [name, index] of this.#indexes) {
      const value = (record.properties[name] ?? '').toLowerCase();
      const others = (index.get(value) ?? []).filter((id) => id !== record.id);
      if (others.length === 0) index.delete(value);
      else index.set(value, others);
    }
  }
}

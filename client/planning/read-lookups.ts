import type { OpenConnection, SourceRecord } from '../../connectors/ports.ts';
import { readWhenDone } from '../../connectors/read-when-done.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { compileExpression, evaluateOrNothing } from '../../engine/expression.ts';
import type { LookupAnswer } from '../../engine/field-rule.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Json } from '../../engine/json.ts';
import { normalizeLookupValue } from '../../engine/lookup-value.ts';
import { type AnswerLookup, type Mapping, refLookupName } from '../../engine/map-record.ts';
import type { Ledger } from '../../ledger/ledger.ts';

type Ids = readonly Json[];

/** The lookup tables of a sync, read from their APIs into memory, and the references to what other syncs have written. */
export class Lookups {
  readonly #definition: ResolvedSync;
  readonly #ledger: Ledger;
  readonly #tables = new Map<string, Map<string, Set<Json>>>();

  constructor(definition: ResolvedSync, ledger: Ledger) {
    this.#definition = definition;
    this.#ledger = ledger;
  }

  /** @param only the tables to read. @default all */
  async read(open: (connection: string) => Pick<OpenConnection, 'source'>, signal: AbortSignal, only?: ReadonlySet<string>): Promise<void> {
    for (const [name, rule] of Object.entries(this.#definition.sync.lookups)) {
      if (only?.has(name) === false) continue;
      const table = new Map<string, Set<Json>>();
      const [field = 'id'] = Object.keys(rule.where);
      const [value, id] = [compileExpression(field), compileExpression(rule.return)];
      const source = open(rule.from.connection).source(rule.from.object);
      for (let cursor: Json | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
        const page = await readWhenDone(source, { window: {}, cursor, signal });
        for (const { fields } of page.records) {
          const compared = normalizeLookupValue(await evaluateOrNothing(value, fields), rule.compare);
          const target = await evaluateOrNothing(id, fields);
          if (compared !== undefined && target !== undefined && target !== null) table.set(compared, (table.get(compared) ?? new Set<Json>()).add(target));
        }
        cursor = page.next;
      }
      this.#tables.set(name, table);
    }
  }

  /** Answers what the records of one page look up. */
  async answersFor(mapping: Mapping, records: readonly SourceRecord[], bindings: { readonly now: number }): Promise<AnswerLookup> {
    const references = await this.#findReferences(mapping, records, bindings);
    return (lookup, value) => answerOf([...(references.get(lookup)?.get(value) ?? this.#tables.get(lookup)?.get(value) ?? [])]);
  }

  async #findReferences(mapping: Mapping, records: readonly SourceRecord[], bindings: { readonly now: number }): Promise<Map<string, Map<string, Ids>>> {
    const found = new Map<string, Map<string, Ids>>();
    const { ref, sync } = this.#definition;
    const names = Object.values(sync.mapping).flatMap((rule) => (typeof rule === 'object' && rule.ref !== undefined ? [rule.ref.sync] : []));
    if (names.length === 0) return found;
    const requests = [];
    for (const { fields } of records) requests.push(...(await mapping.lookupValues(fields, bindings)));
    for (const name of new Set(names)) {
      const lookup = refLookupName(name);
      const keys = requests.filter((request) => request.lookup === lookup).map(({ value }) => value);
      const states = await this.#ledger.readRecords(syncScope({ ...ref, sync: name }), keys);
      found.set(lookup, new Map([...states].flatMap(([key, { targetId }]) => (targetId === undefined ? [] : [[key, [targetId]] as const]))));
    }
    return found;
  }
}

function answerOf(ids: Ids): LookupAnswer {
  const [id, second] = ids;
  if (id === undefined) return { found: 'none' };
  return second === undefined ? { found: 'one', id } : { found: 'many', count: ids.length };
}

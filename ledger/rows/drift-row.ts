import { z } from 'zod';
import { FINDING_KINDS, type FieldDrift, type FindingKind } from '../../engine/reconcile.ts';
import { FORMATS } from '../../engine/same-value.ts';
import type { Finding, Reconciliation } from '../drift-store.ts';
import type { Vault } from '../vault.ts';
import { defined, json, number, optionalNumber, optionalText, type Row, text } from './row.ts';

const formatsSchema = z.record(z.string(), z.array(z.enum(FORMATS)));
const tallySchema = z.record(z.string(), z.record(z.string(), z.number()));
const countsSchema = z.object({ told: z.number(), inTarget: z.number() });
const findingSchema = z.object({
  match: z.string().optional(),
  targetId: z.string().optional(),
  fields: z.array(z.object({ field: z.string(), written: z.json(), found: z.json(), format: z.enum(FORMATS).optional() })),
});

/** In place of the content hash of a record: what it was told is not believed. */
export const DOUBTED = 'doubted';

/** In place of the content hash of what is told again, where that is not known any more: the next read of the record finds it changed. */
export const TOLD_AGAIN = 'told-again';

export type NumberedFinding = Finding & { readonly number: number };

export function readFinding(vault: Vault, row: Row): NumberedFinding {
  const { fields, ...named } = findingSchema.parse(vault.read(text(row, 'body')));
  const kind = FINDING_KINDS.find((known) => known === row['kind']) ?? 'changed';
  return defined({ number: number(row, 'n'), kind, key: optionalText(row, 'key'), ...named, fields: fields.map((field): FieldDrift => defined(field)) });
}

/** @param counts of its findings: a row with `kind` and `n` for each kind that there is */
export function readReconciliation(row: Row, counts: readonly Row[]): Reconciliation {
  const byKind = new Map(counts.map((each) => [text(each, 'kind'), number(each, 'n')]));
  const of = (kind: FindingKind) => byKind.get(kind) ?? 0;
  return defined({
    id: text(row, 'id'),
    scope: text(row, 'scope'),
    startedAt: number(row, 'started_at'),
    endedAt: optionalNumber(row, 'ended_at'),
    afterKey: text(row, 'after_key'),
    checked: number(row, 'checked'),
    found: { missing: of('missing'), changed: of('changed'), duplicated: of('duplicated'), extra: of('extra'), stale: of('stale') },
    tally: tallySchema.parse(json(row, 'tally')),
    formats: formatsSchema.parse(json(row, 'formats')),
    counts: countsSchema.optional().parse(json(row, 'counts')),
  });
}

import type { UsedField } from '../engine/compare-shapes.ts';
import type { Mapping } from '../engine/map-record.ts';
import { usedFields } from '../engine/used-fields.ts';
import type { ResolvedSync } from './resolved.ts';

/** Where a record leaves the target by what these read. */
export const LEAVING_USES: readonly string[] = ['source.filter', 'source.deletes.tombstone'];

/** What a sync reads of a source record, and where in the definition. */
export function usedBySync({ sync: { source }, conflict }: ResolvedSync, mapping: Pick<Mapping, 'reads'>): readonly UsedField[] {
  return usedFields(mapping, {
    'source.filter': source.filter,
    'source.deletes.tombstone': source.deletes?.tombstone,
    'source.incremental.cursorField': source.incremental?.cursorField,
    'conflict.sourceTime': conflict.sourceTime,
  });
}

import type { UsedField } from './compare-shapes.ts';
import { compileExpression } from './expression.ts';
import type { Mapping } from './map-record.ts';

/**
 * What a sync reads of a source record, as well as can be told without evaluating it.
 * @param others expressions over the record beside the mapping, by where they stand
 * @throws ExpressionError where one is wrong (refused by `check` before)
 */
export function usedFields(mapping: Pick<Mapping, 'reads'>, others: Readonly<Record<string, string | undefined>>): readonly UsedField[] {
  const ofMapping = [...mapping.reads].flatMap(([field, paths]) => paths.map((path) => ({ use: `mapping.${field}`, path })));
  const ofOthers = Object.entries(others).flatMap(([use, source]) =>
    source === undefined ? [] : compileExpression(source).paths.map((path) => ({ use, path })),
  );
  return [...ofMapping, ...ofOthers];
}

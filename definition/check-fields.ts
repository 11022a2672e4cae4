import { referencedFields } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import type { Page } from './check-expression.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import { withoutReferences } from './secrets.ts';
import type { MistakeOptions, Path } from './yaml-file.ts';

/** Fields that an expression reads and the object does not have; only where the object says which fields there are. */
export function checkFields({ file, environment }: Page, path: Path, expression: string | undefined, found: FoundObject | undefined): Mistake[] {
  if (expression === undefined || found?.object.knownFields === undefined) return [];
  return fieldsOf(withoutReferences(expression, environment)).flatMap((field) => checkField({ file, environment }, path, field, found));
}

export function checkField({ file }: Page, path: Path, field: string, found: FoundObject | undefined, options: MistakeOptions = {}): Mistake[] {
  const known = found?.object.knownFields;
  if (known === undefined || known.includes(field)) return [];
  return [file.mistake(path, `unknown field "${field}"`, { ...options, meant: { name: field, known } })];
}

function fieldsOf(expression: string): readonly string[] {
  try {
    return referencedFields(expression);
  } catch (error) {
    if (error instanceof ExpressionError) return []; // told as a mistake of its own
    throw error;
  }
}

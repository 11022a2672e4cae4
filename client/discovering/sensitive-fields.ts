import { referencedFields } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { Project } from '../project.ts';

/** Whether a sync of the project marks a field of an object as sensitive, be it where it is read or where it is written. */
export function sensitiveFields(project: Project, connection: string, object: string): (field: string) => boolean {
  const hidden = project.syncNames.flatMap((name) => {
    const sync = project.syncFile(name)?.value;
    if (sync === undefined) return [];
    const isOf = (part: { readonly connection: string; readonly object: string }) => part.connection === connection && part.object === object;
    return Object.entries(sync.mapping).flatMap(([target, rule]) => {
      if (typeof rule === 'string' || rule.sensitive !== true) return [];
      return [...(isOf(sync.target) ? [target] : []), ...(isOf(sync.source) ? readBy(rule.from ?? rule.expression) : [])];
    });
  });
  const roots = new Set(hidden);
  return (field) => roots.has(field) || [...roots].some((root) => field.startsWith(`${root}.`) || root.startsWith(`${field}.`));
}

function readBy(expression: string | undefined): readonly string[] {
  if (expression === undefined) return [];
  try {
    return [expression, ...referencedFields(expression)];
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

import { ExpressionError } from '../engine/expression-error.ts';
import { compileTemplate } from '../engine/template.ts';
import type { ListEndpoint } from './schema/connector.ts';

/** Whether a list asks for a window at all: only then an incremental read reads less than all. */
export function readsWindow(list: ListEndpoint): boolean {
  const query = Object.values(list.query ?? {}).map((given) => (typeof given === 'object' ? given.value : given));
  const templates = [list.get, list.post, list.put, list.patch, list.delete, list.body, ...query, ...Object.values(list.headers ?? {})];
  try {
    return templates.some((template) =>
      compileTemplate(template ?? null).expressions.some(({ paths }) => paths.some((path) => path === 'window' || path.startsWith('window.'))),
    );
  } catch (error) {
    if (error instanceof ExpressionError) return true; // told as a mistake of its own
    throw error;
  }
}

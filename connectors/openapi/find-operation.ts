import type { Json, JsonObject } from '../../engine/json.ts';
import { fieldsAt, listAt, partAt, textAt } from '../draft/openapi/parts.ts';
import { type ApiSchema, readSchema } from './api-schema.ts';

/** What one operation takes and gives, where the description says so. */
export interface Operation {
  readonly takes: ApiSchema | undefined;
  readonly gives: ApiSchema | undefined;
}

/**
 * Finds the operation that an endpoint of a connector calls.
 * @param path of the endpoint, with what the base URL puts before it; its insertions (`{id}`) stand for any name
 */
export function findOperation(description: JsonObject, method: string, path: string): Operation | undefined {
  const wanted = stepsOf(path);
  const fitting = Object.entries(fieldsAt(description, 'paths')).filter(
    ([known, item]) => partAt(item, method) !== undefined && endsAlike(wanted, stepsOf(known)),
  );
  // The longest says most: /v2/contacts is rather meant than /contacts.
  const [best] = fitting.toSorted(([one], [other]) => stepsOf(other).length - stepsOf(one).length || literals(other) - literals(one));
  if (best === undefined) return undefined;
  const operation = partAt(best[1], method);
  return { takes: takenBy(operation), gives: givenBy(operation) };
}

/** Servers of a description, and base URLs of connections, may say a part of the path, or not. */
function endsAlike(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  return length > 0 && one.slice(-length).every((step, index) => isSame(step, other.slice(-length)[index] ?? ''));
}

function isSame(one: string, other: string): boolean {
  return one === other || (one.includes('{') && other.includes('{'));
}

function stepsOf(path: string): readonly string[] {
  return (path.split(/[?#]/)[0] ?? '').split('/').filter((step) => step !== '');
}

function literals(path: string): number {
  return stepsOf(path).filter((step) => !step.includes('{')).length;
}

function givenBy(operation: Json | undefined): ApiSchema | undefined {
  const answers = fieldsAt(operation, 'responses');
  return contentOf(answers['200'] ?? answers['201'] ?? answers['2XX'] ?? answers['default']);
}

function takenBy(operation: Json | undefined): ApiSchema | undefined {
  const body = partAt(operation, 'requestBody');
  if (body !== undefined) return contentOf(body);
  const parameter = listAt(operation, 'parameters').find((one) => textAt(one, 'in') === 'body');
  return readSchema(partAt(parameter, 'schema'));
}

function contentOf(part: Json | undefined): ApiSchema | undefined {
  const kinds = Object.entries(fieldsAt(part, 'content'));
  const [, content] = kinds.find(([kind]) => /\bjson\b/i.test(kind)) ?? kinds[0] ?? [];
  // Swagger 2.0 has the schema without the kind of content around it.
  return readSchema(partAt(content ?? part, 'schema'));
}

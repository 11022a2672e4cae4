import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import type { WriteResult } from '../ports.ts';
import { keyText } from './record-reader.ts';

export interface SingleRule {
  readonly object: Pick<ConnectorObject, 'primaryKey' | 'get'>;
  readonly kind: ChangeKind;
  readonly method: HttpRequest['method'];
}

/** Reads a 2xx answer to a request that wrote one record, where the connector says nothing of results: it is written, with the id that the answer tells, if it tells one. */
export function compileSingleResult({ object, kind, method }: SingleRule): (answer: HttpAnswer, path: string) => Promise<WriteResult> {
  const primaryKey = compileExpression(object.primaryKey);
  const record = object.get?.record === undefined ? undefined : compileExpression(object.get.record);
  return async (answer, path) => {
    const targetId =
      (await idAt(primaryKey, answer.body)) ??
      (await idAt(primaryKey, await attempt(record, answer.body))) ??
      (kind === 'delete' ? undefined : idInLocation(answer, path));
    const created = kind === 'upsert' ? wasCreated(answer.status, method) : undefined;
    return { outcome: 'written', ...(targetId === undefined ? {} : { targetId }), ...(created === undefined ? {} : { created }) };
  };
}

/** RFC 9110 section 15.3.2: 201 made something new. Section 9.3.4: a PUT that made nothing answers 200 or 204; a POST may answer 200 to anything. */
function wasCreated(status: number, method: HttpRequest['method']): boolean | undefined {
  if (status === 201) return true;
  return method === 'PUT' && (status === 200 || status === 204) ? false : undefined;
}

/** RFC 9110 section 10.2.2: the `Location` of a 201 is the new record; its last step is taken for the id only where the rest is the path that was posted to. */
function idInLocation({ status, headers, url }: HttpAnswer, path: string): string | undefined {
  const location = headers['location'];
  if (status !== 201 || location === undefined || url === undefined || !URL.canParse(location, url)) return undefined;
  const { pathname } = new URL(location, url);
  const [, collection, id] = /^(.*)\/([^/]+)\/?$/.exec(pathname) ?? [];
  const posted = path.split('?', 1)[0]?.replace(/\/$/, '') ?? '';
  return id !== undefined && collection?.endsWith(posted) === true ? decoded(id) : undefined;
}

/** Not every server escapes what it names. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

async function idAt(primaryKey: Expression, record: Json | undefined): Promise<string | undefined> {
  return isJsonObject(record) ? keyText(await attempt(primaryKey, record)) : undefined;
}

async function attempt(expression: Expression | undefined, input: Json): Promise<Json | undefined> {
  try {
    return await expression?.evaluate(input);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

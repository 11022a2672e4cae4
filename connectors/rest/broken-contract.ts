import { SyncError } from '../../engine/errors.ts';
import type { Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { MaybePromise } from '../../engine/maybe-promise.ts';

const SHOWN_NAMES = 12;

/** The answer is not what the connector says. The message names fields and kinds, never a value. */
export function brokenContract(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: `${message} Compare the connector with the API's documentation.`, cause });
}

/** Evaluates an expression on what an API answered. @throws SyncError CONTRACT_BROKEN where it fails on it */
export function evaluateOnAnswer(expression: Expression | undefined, input: Json | undefined, where: string): MaybePromise<Json | undefined> {
  return expression?.isPath === true ? expression.evaluate(input) : evaluateInFull(expression, input, where);
}

async function evaluateInFull(expression: Expression | undefined, input: Json | undefined, where: string): Promise<Json | undefined> {
  try {
    return await expression?.evaluate(input);
  } catch (error) {
    if (error instanceof ExpressionError) throw brokenContract(`${where}: "${error.source}" cannot be evaluated on the answer: ${error.message}.`, error);
    throw error;
  }
}

/** What a value has, without telling what it is: `data, meta`; `a list of 3`; `text`. */
export function shapeOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isJsonObject(value)) return typeof value === 'string' ? (value === '' ? 'an empty text' : 'text') : `a ${typeof value}`;
  const names = Object.keys(value);
  if (names.length === 0) return 'an empty object';
  return `${names.slice(0, SHOWN_NAMES).join(', ')}${names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : ''}`;
}

import type { ConnectorObject, EachRule, ErrorRule, WriteEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { parseJson } from '../../engine/parse-json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import { UNTOLD_PAUSE_MS } from '../../http/answer-failures.ts';
import { classifyAnswer } from '../../http/classify.ts';
import type { Classification, HttpAnswer, HttpClient } from '../../http/http-client.ts';
import { compileErrorRules } from '../error-rules.ts';
import type { WriteResult } from '../ports.ts';
import { apiRejection, type ReadResult, statusOf } from './read-result.ts';
import { keyText } from './record-reader.ts';
import { resultOfRefusal } from './refused-write.ts';
import { methodOf } from './request-template.ts';
import { compileSingleResult } from './single-result.ts';

export interface SubAnswerRule {
  readonly each: EachRule;
  readonly results: NonNullable<WriteEndpoint['results']>;
  readonly object: Pick<ConnectorObject, 'primaryKey' | 'get'>;
  readonly kind: ChangeKind;
  readonly errors: readonly ErrorRule[];
  /** The requests say which version of a record they change. */
  readonly insertsEtag: boolean;
  /** Told of answers that ask to wait. */
  readonly learn: HttpClient['learn'];
}

const UNKNOWN: WriteResult = { outcome: 'unknown' };

/**
 * Reads a result that is itself an answer, as the answer to a request of one record is read: by the connector's error rules, else by what HTTP says of its status. Where it asks
 * to wait, all of the account wait.
 */
export function compileSubAnswer({ each, results, object, kind, errors, insertsEtag, learn }: SubAnswerRule): ReadResult {
  const byConnector = compileErrorRules(errors);
  const readSingle = compileSingleResult({ object, kind, method: methodOf(each, 'each').method });
  const [id, created, error, errorCode] = [results.id, results.created, results.error, results.errorCode].map(compileOptional);
  const answerIn = compileAnswer(results);

  const readWritten = async (entry: Json, answer: HttpAnswer): Promise<WriteResult> => {
    const message = await error?.evaluate(entry);
    if (isTruthy(message)) return { outcome: 'rejected', rejection: apiRejection(message, await errorCode?.evaluate(entry)) };
    const single = await readSingle(answer, '');
    const targetId = keyText(await id?.evaluate(entry));
    const isCreated = await created?.evaluate(entry);
    return { ...single, ...(targetId === undefined ? {} : { targetId }), ...(typeof isCreated === 'boolean' ? { created: isCreated } : {}) };
  };
  const readRefused = async (entry: Json, answer: HttpAnswer, classification: Classification): Promise<WriteResult> => {
    const result = resultOfRefusal(kind, answer, classification);
    const message = await error?.evaluate(entry);
    if (result.outcome !== 'rejected' || !isTruthy(message)) return result;
    return {
      ...result,
      rejection: { ...apiRejection(message, (await errorCode?.evaluate(entry)) ?? result.rejection.apiCode), retry: result.rejection.retry },
    };
  };

  return async (entry) => {
    const answer = await answerIn(entry);
    if (answer === undefined) return UNKNOWN;
    const classification = await classify(answer, byConnector);
    if (classification === undefined) return UNKNOWN;
    switch (classification.class) {
      case 'retry':
        return UNKNOWN;
      case 'success':
        return readWritten(entry, answer);
      case 'rate-limited':
      case 'unprocessed':
        learn(answer, { afterMs: UNTOLD_PAUSE_MS, ...classification });
        return { outcome: 'again' };
      case 'quota-spent':
        learn(answer, classification);
        return { outcome: 'again' };
      default:
        return answer.status === 412 && insertsEtag ? { outcome: 'moved' } : readRefused(entry, answer, classification);
    }
  };
}

/** Undefined where a rule of the connector cannot be evaluated on it: the request may have been applied, whatever it was answered. */
async function classify(answer: HttpAnswer, byConnector: ReturnType<typeof compileErrorRules>): Promise<Classification | undefined> {
  try {
    return (await byConnector(answer)) ?? classifyAnswer(answer);
  } catch (error) {
    if (error instanceof SyncError) return undefined;
    throw error;
  }
}

/** Finds the parts of an answer in a result; undefined where it has no status. */
function compileAnswer({ status = 'status', headers = 'headers', body = 'body' }: SubAnswerRule['results']): (entry: Json) => Promise<HttpAnswer | undefined> {
  const [statusAt, headersAt, bodyAt] = [status, headers, body].map((source) => compileExpression(source));
  return async (entry) => {
    const told = statusOf(await statusAt?.evaluate(entry));
    if (told === undefined) return undefined;
    return {
      status: told,
      headers: headersOf(await headersAt?.evaluate(entry)),
      body: bodyOf(await bodyAt?.evaluate(entry)),
      bytes: 0,
      sentAt: 0,
      durationMs: 0,
    };
  };
}

/** By lower-case names: of an object, or of a list of names and values, as Facebook has it. */
function headersOf(told: Json | undefined): Readonly<Record<string, string>> {
  const listed = isJsonArray(told)
    ? told.filter(isJsonObject).map(({ name, value }) => [name, value] as const)
    : Object.entries(isJsonObject(told) ? told : {});
  return Object.fromEntries(
    listed.flatMap(([name, value]) => (typeof name === 'string' && typeof value !== 'object' ? [[name.toLowerCase(), String(value)]] : [])),
  );
}

/** Some write the body of an answer as a text within their JSON. */
function bodyOf(told: Json | undefined): Json {
  if (typeof told !== 'string') return told ?? null;
  const parsed = parseJson(told);
  return parsed.is === 'json' ? parsed.value : told;
}

function compileOptional(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : compileExpression(source);
}

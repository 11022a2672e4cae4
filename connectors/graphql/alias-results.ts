import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { OutgoingRecord, WriteResult } from '../ports.ts';
import { apiRejection, compileResult, outcomeOfMissing, type ReadResult } from '../rest/read-result.ts';
import { aliasOf } from './alias-batch.ts';
import { type AnswerError, errorsOf, kindOf } from './answer-errors.ts';
import { wordsOf } from './classify-answer.ts';

/** What a mutation itself says of its input: `userErrors` (Shopify) or `errors` (Saleor, Rails) of its payload. */
const OWN_WORDS = '$join($append(userErrors, errors).message.$string(), "; ")';
const OWN_CODE = '$append(userErrors, errors)[0].code';
const UNKNOWN: WriteResult = { outcome: 'unknown' };

export interface AliasResultsOptions {
  readonly kind: ChangeKind;
  readonly warn: (message: string) => void;
}

/** Reads what became of each record from the payload under its alias, and from the errors whose path begins there. Never throws on what an API may answer: the batch may be applied. */
export function compileAliasResults(
  { kind, warn }: AliasResultsOptions,
  { results }: WriteEndpoint,
): (records: readonly OutgoingRecord[], body: Json) => Promise<readonly WriteResult[]> {
  const readPayload = compileResult({ at: '$', by: 'index', ...results, error: results?.error ?? OWN_WORDS, errorCode: results?.errorCode ?? OWN_CODE }, kind);
  return async (records, body) => {
    const data = isJsonObject(body) && isJsonObject(body['data']) ? body['data'] : {};
    const errors = errorsOf(body);
    const outcomes: WriteResult[] = [];
    for (const index of records.keys()) {
      const alias = aliasOf(index);
      const own = errors.filter(({ path }) => path[0] === alias);
      const payload = (Object.hasOwn(data, alias) ? data[alias] : undefined) ?? null;
      outcomes.push(payload === null ? outcomeOfNone(kind, own) : await outcomeOf(payload, own, readPayload, warn));
    }
    if (outcomes.some(({ outcome }) => outcome === 'unknown'))
      warn('the answer does not say of each mutation what became of it. Those records count as unknown.');
    return outcomes;
  };
}

/** The mutation was carried out, or says why not. An error further in is of a field that could not be read back. */
async function outcomeOf(payload: Json, own: readonly AnswerError[], readPayload: ReadResult, warn: (message: string) => void): Promise<WriteResult> {
  if (payload === false) return { outcome: 'rejected', rejection: apiRejection('the mutation answered false', undefined) };
  const told = await attempt(readPayload, payload, warn);
  if (own.length === 0 || told.outcome !== 'written') return told;
  warn(`mutations were carried out, and what they return could not be read in full: ${wordsOf(own)}.`);
  return told.targetId === undefined ? UNKNOWN : told;
}

/** There is nothing under the alias: the mutation itself failed where the error names it alone. An error further in is of what it had returned by then. */
function outcomeOfNone(kind: ChangeKind, own: readonly AnswerError[]): WriteResult {
  const [first] = own;
  if (first === undefined || own.some(({ path }) => path.length > 1)) return UNKNOWN;
  const rejection = apiRejection(wordsOf(own), first.code);
  switch (kindOf(first)) {
    case 'throttled':
      return { outcome: 'again' };
    case 'failed':
      return UNKNOWN;
    case 'not-found':
      return outcomeOfMissing(kind, rejection);
    default:
      return { outcome: 'rejected', rejection };
  }
}

async function attempt(read: ReadResult, payload: Json, warn: (message: string) => void): Promise<WriteResult> {
  try {
    return await read(payload);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    warn(`"${error.source}" cannot be evaluated on what a mutation returned: ${error.message}.`);
    return UNKNOWN;
  }
}

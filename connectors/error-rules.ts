import type { ErrorRule } from '../definition/schema/connector.ts';
import { assertNever } from '../engine/assert-never.ts';
import { SyncError } from '../engine/errors.ts';
import { compileExpression, type Expression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import type { Json } from '../engine/json.ts';
import { isTruthy } from '../engine/truthy.ts';
import { apiCodeOf } from '../http/answer-message.ts';
import { messageOf } from '../http/classify.ts';
import type { Classification, HttpAnswer } from '../http/http-client.ts';
import { resetMs, retryAfterMs } from '../http/retry-after.ts';

interface CompiledRule {
  readonly outcome: ErrorRule['outcome'];
  readonly when: Expression;
  readonly message: Expression | undefined;
  readonly until: Expression | undefined;
}

/**
 * A connector's own reading of answers: the first rule that holds; undefined where HTTP's defaults decide. Runs on every answer, so that a 200 with an error in it is found, too.
 * @throws SyncError CONTRACT_BROKEN where a rule cannot be evaluated on a 2xx answer: what a rule could not judge must not pass for a success
 */
export function compileErrorRules(rules: readonly ErrorRule[], now: () => number = Date.now): (answer: HttpAnswer) => Promise<Classification | undefined> {
  const compiled = rules.map(({ outcome, when, message, until }): CompiledRule => {
    return { outcome, when: compileExpression(when), message: compileOptional(message), until: compileOptional(until) };
  });
  return async (answer) => {
    const scope = { status: answer.status, headers: answer.headers, body: answer.body };
    for (const rule of compiled) {
      if (!(await holds(rule, answer, scope))) continue;
      return classificationOf(rule.outcome, answer, {
        message: textOf(await evaluateOrSkip(rule.message, scope)),
        waitMs: waitOf(await evaluateOrSkip(rule.until, scope), answer, now()),
        now: now(),
      });
    }
    return undefined;
  };
}

async function holds({ when }: CompiledRule, answer: HttpAnswer, scope: unknown): Promise<boolean> {
  try {
    return isTruthy(await when.evaluate(scope));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    if (answer.status < 200 || answer.status > 299) return false;
    throw new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `The error rule "${when.source}" cannot be evaluated on an answer (${answer.status}): ${error.message}. Correct it in the connector.`,
      cause: error,
    });
  }
}

/** Without a message or a time an answer is still what its rule says. */
async function evaluateOrSkip(expression: Expression | undefined, scope: unknown): Promise<Json | undefined> {
  try {
    return await expression?.evaluate(scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

interface Told {
  readonly message: string | undefined;
  readonly waitMs: number | undefined;
  readonly now: number;
}

function classificationOf(outcome: ErrorRule['outcome'], answer: HttpAnswer, { message: told, waitMs, now }: Told): Classification {
  const message = told ?? messageOf(answer.body) ?? `status ${answer.status}`;
  const apiCode = apiCodeOf(answer.body);
  switch (outcome) {
    case 'rate-limited':
    case 'unprocessed':
      return { class: outcome, ...(waitMs === undefined ? {} : { afterMs: waitMs }) };
    case 'quota-spent':
      return { class: outcome, ...(waitMs === undefined ? {} : { untilMs: now + waitMs }) };
    case 'too-large':
    case 'success':
      return { class: outcome };
    case 'reject-request':
      return { class: outcome, message, ...(apiCode === undefined ? {} : { apiCode }) };
    case 'retry':
    case 'credentials':
    case 'cursor-expired':
    case 'not-found':
      return { class: outcome, message };
    default:
      return assertNever(outcome);
  }
}

/** `until` is seconds from now, an epoch in seconds or milliseconds, or a date; without it, what `Retry-After` says. */
function waitOf(until: Json | undefined, { headers }: HttpAnswer, now: number): number | undefined {
  const isTold = typeof until === 'number' || (typeof until === 'string' && until.trim() !== '');
  return (isTold ? resetMs(String(until), headers, now) : undefined) ?? retryAfterMs(headers, now);
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function compileOptional(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : compileExpression(source);
}

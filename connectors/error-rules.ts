import type { ErrorRule } from '../definition/schema/connector.ts';
import { assertNever } from '../engine/assert-never.ts';
import { compileExpression } from '../engine/expression.ts';
import type { Json } from '../engine/json.ts';
import { messageOf } from '../http/classify.ts';
import type { Classification, HttpAnswer } from '../http/http-client.ts';

/** A connector's own reading of answers: the first rule that matches; undefined where HTTP's defaults decide. */
export function compileErrorRules(rules: readonly ErrorRule[]): (answer: HttpAnswer) => Promise<Classification | undefined> {
  const compiled = rules.map((rule) => ({
    rule,
    when: compileExpression(rule.when),
    message: rule.message === undefined ? undefined : compileExpression(rule.message),
    until: rule.until === undefined ? undefined : compileExpression(rule.until),
  }));
  return async (answer) => {
    const scope = { status: answer.status, headers: answer.headers, body: answer.body };
    for (const { rule, when, message, until } of compiled) {
      const holds = await when.evaluate(scope);
      if (holds === undefined || holds === null || holds === false || holds === '' || holds === 0) continue;
      const told = await message?.evaluate(scope);
      const text = typeof told === 'string' ? told : (messageOf(answer.body) ?? `status ${answer.status}`);
      return classificationOf(rule.outcome, text, moment(await until?.evaluate(scope), Date.now()));
    }
    return undefined;
  };
}

function classificationOf(outcome: ErrorRule['outcome'], message: string, untilMs: number | undefined): Classification {
  const afterMs = untilMs === undefined ? {} : { afterMs: Math.max(0, untilMs - Date.now()) };
  switch (outcome) {
    case 'rate-limited':
      return { class: 'rate-limited', ...afterMs };
    case 'unprocessed':
      return { class: 'unprocessed', ...afterMs };
    case 'quota-spent':
      return { class: 'quota-spent', ...(untilMs === undefined ? {} : { untilMs }) };
    case 'success':
      return { class: 'success' };
    case 'reject-request':
    case 'retry':
    case 'credentials':
    case 'cursor-expired':
    case 'not-found':
      return { class: outcome, message };
    default:
      return assertNever(outcome);
  }
}

const EPOCH_SECONDS = 1_000_000_000;

/** Seconds from now, an epoch in seconds or milliseconds, or a date; as milliseconds since the epoch. */
function moment(value: Json | undefined, now: number): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isNaN(number)) return number < EPOCH_SECONDS ? now + number * 1000 : number < EPOCH_SECONDS * 1000 ? number * 1000 : number;
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

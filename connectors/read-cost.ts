import type { ResolvedConnection } from '../definition/resolved.ts';
import { compileExpression, type Expression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import type { CostFacts } from '../http/cost-bucket.ts';
import type { HttpAnswer } from '../http/http-client.ts';

type CostRule = NonNullable<ResolvedConnection['limits']['cost']>;

/** Reads from answers what requests cost; undefined where one does not tell all of it. */
export function compileReadCost(rule: CostRule): (answer: HttpAnswer) => Promise<CostFacts | undefined> {
  const [available, restoreRate, requested] = [rule.available, rule.restoreRate, rule.requested].map((source) => compileExpression(source));
  const maximum = rule.maximum === undefined ? undefined : compileExpression(rule.maximum);
  return async ({ status, headers, body }) => {
    const scope = { status, headers, body };
    const told = {
      available: await numberAt(available, scope),
      restoreRate: await numberAt(restoreRate, scope),
      requested: await numberAt(requested, scope),
    };
    if (told.available === undefined || told.restoreRate === undefined || told.requested === undefined) return undefined;
    return { available: told.available, restoreRate: told.restoreRate, requested: told.requested, maximum: await numberAt(maximum, scope) };
  };
}

async function numberAt(expression: Expression | undefined, scope: unknown): Promise<number | undefined> {
  try {
    const found = await expression?.evaluate(scope);
    const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

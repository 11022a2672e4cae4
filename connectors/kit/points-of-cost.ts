import type { Connector } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { askedOf } from './error-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectThat, Untried } from './kit-row.ts';
import { textHeaders } from './list-vendor.ts';
import type { VendorAnswer } from './mock-vendor.ts';
import { answerGiving, evaluated } from './place-value.ts';

type CostRule = NonNullable<NonNullable<Connector['limits']>['cost']>;

/** Points a request needs, the most there can be, and what comes back each second, where the connector does not say that itself. */
const REQUESTED = 1_000;
const MAXIMUM = 5_000;
const RESTORED = 400;
/** So long the missing points take to come back, and so much sooner a request may come: timers and clocks differ by some milliseconds. */
const MISSING_MS = 200;
const SLACK_MS = 20;

/** Points are told with each answer: no request goes before there are as many as the last one needed. */
export async function keepsPoints(bench: KitBench, cost: CostRule): Promise<void> {
  const { ask } = askedOf(bench.connector);
  const restored = await numberOf(cost.restoreRate);
  const answer = await poorAnswer(cost, restored ?? RESTORED);
  const requests = await onVendor(
    bench,
    () => answer,
    async (connection) => {
      await ask(connection).catch(() => undefined);
      await ask(connection).catch(() => undefined);
    },
    { cost },
  );
  const [first, second] = requests;
  const waitedMs = (second?.at ?? 0) - (first?.at ?? 0);
  expectThat(first !== undefined && second !== undefined, 'the second request did not come.');
  expectThat(waitedMs >= MISSING_MS - SLACK_MS, `points were missing for ${MISSING_MS} ms, and the next request came after ${Math.round(waitedMs)} ms.`);
}

/** An answer that tells of as many points as are back in a moment. */
async function poorAnswer({ available, restoreRate, requested, maximum }: CostRule, restored: number): Promise<VendorAnswer> {
  let scope: Json = {};
  const facts = [
    [available, REQUESTED - (restored * MISSING_MS) / 1_000],
    [restoreRate, restored],
    [requested, REQUESTED],
    [maximum, MAXIMUM],
  ] as const;
  for (const [source, points] of facts) {
    if (source === undefined || (await numberOf(source)) !== undefined) continue;
    scope = await answerGiving(source, points, scope);
  }
  return answerOf(scope);
}

function answerOf(scope: Json): VendorAnswer {
  if (!isJsonObject(scope)) throw new Untried('an answer that tells points is not derivable: give an example.');
  return { headers: textHeaders(scope['headers']), body: scope['body'] ?? {} };
}

/** Where it is a number, whatever the answer. */
async function numberOf(source: string): Promise<number | undefined> {
  const found = await evaluated(compileExpression(source), {});
  return typeof found === 'number' ? found : undefined;
}

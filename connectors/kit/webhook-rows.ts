import { compileWebhooks, type NamedEvent, type ReadDelivery } from '../../definition/read-events.ts';
import type { ConnectorWebhooks, EventRule } from '../../definition/schema/webhooks.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { KitBench } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';
import { textHeaders } from './list-vendor.ts';
import { answerFulfilling, answerGiving, evaluated, mergeJson, placeAt } from './place-value.ts';

const KEY = '101';

type Read = ReturnType<typeof compileWebhooks>;

/** What the API sends by itself: a delivery for each rule of its events, and those that its documentation shows. (How it signs, the listener judges.) */
export async function webhookRows({ connector }: KitBench): Promise<readonly KitRow[]> {
  const { webhooks, objects } = connector;
  if (webhooks?.events === undefined) return [];
  const { delivery, each, events, examples = [] } = webhooks;
  const read = compileWebhooks({ delivery, each, events });
  const rows: KitRow[] = [];
  for (const [index, rule] of events.entries()) {
    const named = { object: rule.object, operation: 'webhooks' as const, name: `${rule.kind}, by rule ${index + 1}` };
    rows.push(
      await tryRow(named, async () => {
        expectThat(objects[rule.object]?.get !== undefined, 'a record that an event names cannot be read: the object has no `get`.');
        await tells(read, webhooks, rule);
      }),
    );
  }
  for (const [index, { headers, body, tells: expected }] of examples.entries()) {
    const row = { operation: 'webhooks' as const, name: `delivery ${index + 1}, as documented` };
    rows.push(
      await tryRow(row, async () => {
        const told = await read({ headers, body });
        expectSame(told?.events.map(plainEvent), expected, 'the records that it is about');
        expectThat(delivery === undefined || told?.id !== undefined, 'it does not say what it has in common with itself when it is sent again.');
      }),
    );
  }
  return rows;
}

function plainEvent({ object, key, kind }: NamedEvent): JsonObject {
  return { object, key, kind };
}

/** An event on which the rule holds names its record, and says nothing else of it. */
async function tells(read: Read, webhooks: ConnectorWebhooks, rule: EventRule): Promise<void> {
  const told = await deliveryOf(read, webhooks, rule);
  const kinds = told.filter(({ object }) => object === rule.object).map(({ kind }) => kind);
  expectSame([...new Set(kinds)], [rule.kind], 'what the event says of the record');
}

async function deliveryOf(read: Read, { each }: ConnectorWebhooks, { when, key, object }: EventRule): Promise<readonly NamedEvent[]> {
  const start: JsonObject = { event: {}, headers: {}, body: {} };
  const scope: Json = when === undefined ? start : await answerFulfilling(when, [start]);
  for (const path of compileExpression(key).paths) {
    const candidate = mergeJson(scope, placeAt(path, KEY));
    if (!isJsonObject(candidate) || (when !== undefined && !isTruthy(await evaluated(compileExpression(when), candidate)))) continue;
    const event = candidate['event'] ?? {};
    const whole = each === undefined ? { body: event } : await answerGiving(each, [event], { headers: candidate['headers'] ?? {}, body: {} });
    const body = isJsonObject(whole) ? (whole['body'] ?? null) : null;
    const told: ReadDelivery | undefined = await read({ headers: textHeaders(candidate['headers']), body });
    const named = (told?.events ?? []).filter((one) => one.object === object && one.key.includes(KEY));
    if (named.length > 0) return named;
  }
  throw new Untried('an event that it is for is not derivable: give an example.');
}

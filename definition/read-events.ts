import { compileExpression, type Expression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { parseIsoTime } from '../engine/iso-time.ts';
import { isJsonObject, type Json, type JsonObject } from '../engine/json.ts';
import { isJsonArray } from '../engine/plain-json.ts';
import { isTruthy } from '../engine/truthy.ts';
import type { ResolvedWebhooks } from './resolve-webhooks.ts';
import type { EventRule } from './schema/webhooks.ts';

/** What an event says of one record. */
export interface NamedEvent {
  readonly object: string;
  readonly key: string;
  readonly kind: 'changed' | 'deleted';
  readonly version?: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt?: number;
  /** As the payload has it. */
  readonly record?: JsonObject;
}

export interface ReadDelivery {
  /** What it has in common with itself when it is sent again, as its connector says. */
  readonly id: string | undefined;
  readonly events: readonly NamedEvent[];
  /** Events that no rule is for. */
  readonly passedOver: number;
  /** Rules that were for an event and found no key in it, by their number: of values nothing is told. */
  readonly unreadable: readonly number[];
}

export interface DeliveryContent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** No vendor sends so many at once: more are an attack on those who read them. */
export const MAX_EVENTS = 10_000;
/** Before this many milliseconds, and after as many seconds, nobody signs. */
const SECONDS_END = 100_000_000_000;

/** Compiles what a definition says of deliveries. @returns a function that reads one; undefined where it has more events than anybody sends */
export function compileWebhooks({
  delivery,
  each,
  events,
}: Pick<ResolvedWebhooks, 'delivery' | 'each' | 'events'>): (content: DeliveryContent) => Promise<ReadDelivery | undefined> {
  const id = optional(delivery);
  const list = optional(each);
  const rules = events.map(compileRule);
  return async (content) => {
    const found = list === undefined ? content.body : await read(list, content);
    const items: readonly Json[] = list === undefined ? [content.body] : isJsonArray(found) ? found : found === undefined || found === null ? [] : [found];
    if (items.length > MAX_EVENTS) return undefined;
    const named: NamedEvent[] = [];
    const unreadable: number[] = [];
    let passedOver = 0;
    for (const event of items) {
      const input = { ...content, event };
      const matching: (readonly NamedEvent[] | undefined)[] = [];
      for (const [index, rule] of rules.entries()) {
        const told = await rule(input);
        if (told !== 'is-not-for-it') matching.push(told);
        if (told === undefined) unreadable.push(index);
      }
      if (matching.length === 0) passedOver += 1;
      named.push(...matching.flatMap((events) => events ?? []));
    }
    return { id: textOf(id === undefined ? undefined : await read(id, content)), events: named, passedOver, unreadable };
  };
}

/** @returns a function that tells of one event: which records it names, undefined where its key cannot be read */
function compileRule({ when, object, key, kind, version, occurredAt, record }: EventRule) {
  const condition = optional(when);
  const keys = compileExpression(key);
  const [versionOf, timeOf, recordOf] = [optional(version), optional(occurredAt), optional(record)];
  return async (input: object): Promise<readonly NamedEvent[] | undefined | 'is-not-for-it'> => {
    if (condition !== undefined && !isTruthy(await read(condition, input))) return 'is-not-for-it';
    const found = await read(keys, input);
    const named = (isJsonArray(found) ? found : [found]).map(textOf);
    const texts = named.filter((text) => text !== undefined);
    if (texts.length === 0 || texts.length < named.length) return undefined;
    const [versionText, time, whole] = [await readIf(versionOf, input), await readIf(timeOf, input), await readIf(recordOf, input)];
    const details = {
      ...(textOf(versionText) === undefined ? {} : { version: textOf(versionText) ?? '' }),
      ...(timeFrom(time) === undefined ? {} : { occurredAt: timeFrom(time) ?? 0 }),
      ...(isJsonObject(whole) ? { record: whole } : {}),
    };
    return [...new Set(texts)].map((text) => ({ object, key: text, kind, ...details }));
  };
}

function optional(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : compileExpression(source);
}

async function readIf(expression: Expression | undefined, input: unknown): Promise<Json | undefined> {
  return expression === undefined ? undefined : read(expression, input);
}

/** What makes an expression fail has no value for it. */
async function read(expression: Expression, input: unknown): Promise<Json | undefined> {
  try {
    return await expression.evaluate(input);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** A number beyond those that JSON can tell apart names nothing for sure. */
function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) || !Number.isInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function timeFrom(value: Json | undefined): number | undefined {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) return parseIsoTime(value)?.ms;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number) || number <= 0) return undefined;
  return number < SECONDS_END ? number * 1_000 : number;
}

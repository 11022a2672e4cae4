import { z } from 'zod';
import type { Classification, HttpAnswer, HttpRequest } from '../../http/http-client.ts';

const message = z.string().max(2_000);
const afterMs = z.number().nonnegative().optional();

/** What code may say of an answer. */
const classificationSchema = z
  .discriminatedUnion('class', [
    z.strictObject({ class: z.literal('success') }),
    z.strictObject({ class: z.literal('too-large') }),
    z.strictObject({ class: z.literal('reject-request'), message, apiCode: z.string().optional() }),
    z.strictObject({ class: z.enum(['not-found', 'retry', 'credentials', 'cursor-expired']), message }),
    z.strictObject({ class: z.enum(['rate-limited', 'unprocessed']), afterMs }),
    z.strictObject({ class: z.literal('quota-spent'), untilMs: z.number().optional() }),
  ])
  .optional();

/** Reads answers by code; where it says nothing, by the connector's rules and HTTP. */
export function classifyBy(
  where: string,
  classify: (answer: HttpAnswer) => Classification | undefined | Promise<Classification | undefined>,
): NonNullable<HttpRequest['classify']> {
  return async (answer, byConnector) => {
    const told = classificationSchema.safeParse(await classify(answer));
    if (!told.success) throw new TypeError(`${where}: \`classify\` returned nothing that an answer can mean: ${told.error.issues[0]?.message ?? ''}`);
    return told.data === undefined ? byConnector() : withoutAbsent(told.data);
  };
}

/** zod leaves optional keys that are undefined in; a classification has none. */
function withoutAbsent(told: NonNullable<z.output<typeof classificationSchema>>): Classification {
  switch (told.class) {
    case 'reject-request':
      return { class: told.class, message: told.message, ...(told.apiCode === undefined ? {} : { apiCode: told.apiCode }) };
    case 'rate-limited':
    case 'unprocessed':
      return { class: told.class, ...(told.afterMs === undefined ? {} : { afterMs: told.afterMs }) };
    case 'quota-spent':
      return { class: told.class, ...(told.untilMs === undefined ? {} : { untilMs: told.untilMs }) };
    case 'success':
    case 'too-large':
      return { class: told.class };
    default:
      return { class: told.class, message: told.message };
  }
}

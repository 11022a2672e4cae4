import { z } from 'zod';
import { type ApiSchema, readReference, readSchema } from './api-schema.ts';
import type { ApiDocument } from './read-document.ts';

const contentSchema = z.record(z.string(), z.looseObject({ schema: z.unknown().optional() }).catch({ schema: undefined })).catch({});
const answerSchema = z.looseObject({ content: contentSchema.optional(), schema: z.unknown().optional() });
const operationSchema = z.looseObject({
  responses: z.record(z.string(), z.unknown()).catch({}),
  requestBody: z.unknown().optional(),
  parameters: z.array(z.unknown()).catch([]),
});
const bodyParameterSchema = z.looseObject({ in: z.literal('body'), schema: z.unknown().optional() });

/** What one operation takes and gives, where the document says so. */
export interface Operation {
  readonly takes: ApiSchema | undefined;
  readonly gives: ApiSchema | undefined;
}

/**
 * Finds the operation that an endpoint of a connector calls.
 * @param path of the endpoint, with what the base URL puts before it; its insertions (`{id}`) stand for any name
 */
export function findOperation(document: ApiDocument, method: string, path: string): Operation | undefined {
  const wanted = stepsOf(path);
  const fitting = Object.entries(document.paths).filter(([known, operations]) => operations[method] !== undefined && endsAlike(wanted, stepsOf(known)));
  // The longest says most: /v2/contacts is rather meant than /contacts.
  const [best] = fitting.toSorted(([one], [other]) => stepsOf(other).length - stepsOf(one).length || literals(other) - literals(one));
  const operation = operationSchema.safeParse(best?.[1][method]);
  if (!operation.success) return undefined;
  return { takes: takenBy(document, operation.data), gives: givenBy(document, operation.data) };
}

/** Servers of a document, and base URLs of connections, may say a part of the path, or not. */
function endsAlike(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  return length > 0 && one.slice(-length).every((step, index) => isSame(step, other.slice(-length)[index] ?? ''));
}

function isSame(one: string, other: string): boolean {
  return one === other || (one.includes('{') && other.includes('{'));
}

function stepsOf(path: string): readonly string[] {
  return (path.split(/[?#]/)[0] ?? '').split('/').filter((step) => step !== '');
}

function literals(path: string): number {
  return stepsOf(path).filter((step) => !step.includes('{')).length;
}

function givenBy(document: ApiDocument, { responses }: z.output<typeof operationSchema>): ApiSchema | undefined {
  const code = ['200', '201', '2XX', '2xx', 'default'].find((name) => responses[name] !== undefined);
  return code === undefined ? undefined : contentOf(document, responses[code]);
}

function takenBy(document: ApiDocument, { requestBody, parameters }: z.output<typeof operationSchema>): ApiSchema | undefined {
  if (requestBody !== undefined) return contentOf(document, requestBody);
  for (const given of parameters) {
    const parameter = bodyParameterSchema.safeParse(readReference(document, given));
    if (parameter.success) return readSchema(document, parameter.data.schema);
  }
  return undefined;
}

function contentOf(document: ApiDocument, given: unknown): ApiSchema | undefined {
  const answer = answerSchema.safeParse(readReference(document, given));
  if (!answer.success) return undefined;
  // Swagger 2.0 has the schema without the kind of content around it.
  if (answer.data.content === undefined) return readSchema(document, answer.data.schema);
  const kinds = Object.entries(answer.data.content);
  const [, content] = kinds.find(([kind]) => /\bjson\b/i.test(kind)) ?? kinds[0] ?? [];
  return readSchema(document, content?.schema);
}

import type { Json, JsonObject } from '../../../engine/json.ts';
import { type AnswerShape, shapeOfJson, UNKNOWN } from '../answer-shape.ts';
import type { AskedParameter } from '../asked-parameter.ts';
import { fieldsAt, listAt, numberAt, partAt, textAt } from './parts.ts';
import { shapeOfContent, shapeOfSchema } from './shape-of-schema.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof METHODS)[number];

export interface DescribedParameter extends AskedParameter {
  readonly in: string;
  readonly isRequired: boolean;
  /** Stated as its default, or as the one that it may be. */
  readonly value?: string | number | boolean;
}

/** A request that a description knows; OpenAPI 3 and Swagger 2.0 alike. */
export interface DescribedOperation {
  readonly method: Method;
  readonly path: string;
  readonly parameters: readonly DescribedParameter[];
  /** What a successful answer holds. */
  readonly answer: AnswerShape;
  /** The answer has a `Link` header. */
  readonly hasLink: boolean;
  /** What is sent; undefined where nothing is. */
  readonly body?: { readonly shape: AnswerShape; readonly format: 'json' | 'form' };
}

/** What may be asked of the API, but what its description calls deprecated. */
export function operationsOf(description: JsonObject): readonly DescribedOperation[] {
  return Object.entries(fieldsAt(description, 'paths')).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = partAt(item, method);
      if (operation === undefined || partAt(operation, 'deprecated') === true) return [];
      const parameters = [...listAt(item, 'parameters'), ...listAt(operation, 'parameters')];
      const answer = answerOf(operation);
      const body = bodyOf(operation, parameters);
      return [{ method, path, parameters: parameters.flatMap(readParameter), ...answer, ...(body === undefined ? {} : { body }) }];
    }),
  );
}

function readParameter(parameter: Json): readonly DescribedParameter[] {
  const name = textAt(parameter, 'name');
  const place = textAt(parameter, 'in');
  if (name === undefined || place === undefined || place === 'body' || place === 'formData') return [];
  // Swagger 2.0 has the keys of the schema in the parameter itself.
  const schema = partAt(parameter, 'schema') ?? parameter;
  const plain = [schema, ...listAt(schema, 'anyOf'), ...listAt(schema, 'oneOf')];
  const number = (key: string) => plain.map((part) => numberAt(part, key)).find((found) => found !== undefined);
  const [maximum, minimum, usual] = [number('maximum'), number('minimum'), number('default')];
  const [only, ...others] = listAt(schema, 'enum');
  const stated = [partAt(schema, 'default'), others.length === 0 ? only : undefined, partAt(schema, 'const')];
  const value = stated.find((one) => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean');
  const description = textAt(parameter, 'description');
  return [
    {
      name,
      in: place,
      isRequired: partAt(parameter, 'required') === true,
      isNumber: plain.some((part) => ['integer', 'number'].includes(textAt(part, 'type') ?? '')),
      ...(maximum === undefined ? {} : { maximum }),
      ...(minimum === undefined ? {} : { minimum }),
      ...(usual === undefined ? {} : { default: usual }),
      ...(description === undefined ? {} : { description }),
      ...(typeof value === 'object' || value === undefined ? {} : { value }),
    },
  ];
}

function answerOf(operation: Json): Pick<DescribedOperation, 'answer' | 'hasLink'> {
  const answers = fieldsAt(operation, 'responses');
  const good = answers['200'] ?? answers['201'] ?? answers['202'] ?? answers['2XX'] ?? answers['default'];
  const hasLink = Object.keys(fieldsAt(good, 'headers')).some((name) => name.toLowerCase() === 'link');
  const content = jsonOf(fieldsAt(good, 'content'));
  if (content !== undefined) return { answer: shapeOfContent(content), hasLink };
  const schema = partAt(good, 'schema');
  const example = jsonOf(fieldsAt(good, 'examples'));
  return {
    answer: schema === undefined && example !== undefined ? shapeOfJson(example) : shapeOfContent(schema === undefined ? undefined : { schema }),
    hasLink,
  };
}

function bodyOf(operation: Json, parameters: readonly Json[]): DescribedOperation['body'] {
  const content = fieldsAt(operation, 'requestBody', 'content');
  const json = jsonOf(content);
  if (json !== undefined) return { shape: shapeOfContent(json), format: 'json' };
  const form = partAt(content, 'application/x-www-form-urlencoded');
  if (form !== undefined) return { shape: shapeOfContent(form), format: 'form' };
  const old = parameters.find((parameter) => textAt(parameter, 'in') === 'body');
  if (old !== undefined) return { shape: shapeOfSchema(partAt(old, 'schema')), format: 'json' };
  return parameters.some((parameter) => textAt(parameter, 'in') === 'formData') ? { shape: UNKNOWN, format: 'form' } : undefined;
}

/** `application/json`, `application/hal+json; charset=utf-8`, and what says that it is anything. */
function jsonOf(content: JsonObject): Json | undefined {
  return Object.entries(content).find(([type]) => /^(?:application|text)\/(?:[\w.-]+\+)?json\b|^\*\/\*/.test(type))?.[1];
}

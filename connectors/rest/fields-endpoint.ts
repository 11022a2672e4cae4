import type { FieldsEndpoint } from '../../definition/schema/fields.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { type FieldFacts, type FieldType, fieldTypeOf } from '../../engine/field-facts.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

export interface FieldsEndpointOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly objectName: string;
  readonly endpoint: FieldsEndpoint;
}

type Part = 'name' | 'label' | 'type' | 'required' | 'readOnly' | 'values' | 'examples';
const PARTS: readonly Part[] = ['name', 'label', 'type', 'required', 'readOnly', 'values', 'examples'];

/** Asks an API which fields an object has. @throws CONTRACT_BROKEN where the answer has no list of them, or one has no name */
export async function readFieldsEndpoint(
  { client, connection, objectName, endpoint }: FieldsEndpointOptions,
  signal?: AbortSignal,
): Promise<readonly FieldFacts[]> {
  const where = `${connection}.${objectName}.fields`;
  const request = compileRequest(endpoint, where);
  const parts = PARTS.flatMap((part) => {
    const source = endpoint[part];
    return source === undefined ? [] : [[part, compileExpression(source)] as const];
  });
  const { answer, classification } = await client.send({ ...(await request.render({ object: objectName })), repeat: 'read', signal });
  if (classification.class !== 'success') throw refused(connection, where, answer, classification);
  const found = await evaluateOnAnswer(compileExpression(endpoint.records), answer.body, `${where}.records`);
  const entries = isJsonArray(found) ? found : isJsonObject(found) ? [found] : undefined;
  if (entries === undefined) throw brokenContract(`${where}: "${endpoint.records}" finds no list of fields. The answer has: ${shapeOf(answer.body)}.`);
  const facts: FieldFacts[] = [];
  for (const entry of entries) facts.push(factsOf(await evaluateParts(parts, entry, where), endpoint.types ?? {}, where));
  return facts;
}

async function evaluateParts(parts: readonly (readonly [Part, Expression])[], entry: Json, where: string): Promise<Readonly<Partial<Record<Part, Json>>>> {
  const found: Partial<Record<Part, Json>> = {};
  for (const [part, expression] of parts) {
    const value = await evaluateOnAnswer(expression, entry, `${where}.${part}`);
    if (value !== undefined && value !== null) found[part] = value;
  }
  return found;
}

function factsOf(found: Readonly<Partial<Record<Part, Json>>>, types: Readonly<Record<string, FieldType>>, where: string): FieldFacts {
  const { name, label, type: word, required, readOnly } = found;
  if (typeof name !== 'string' || name === '') throw brokenContract(`${where}: a field has no name.`);
  const type = typeof word !== 'string' ? undefined : Object.hasOwn(types, word) ? types[word] : fieldTypeOf(word);
  const values = listOf(found.values).flatMap((value) => (typeof value === 'object' ? [] : [String(value)]));
  const examples = listOf(found.examples);
  return {
    name,
    ...(typeof label === 'string' && label !== '' ? { label } : {}),
    ...(type === undefined ? {} : { type }),
    ...(required === undefined ? {} : { isRequired: isTruthy(required) }),
    ...(readOnly === undefined ? {} : { isReadOnly: isTruthy(readOnly) }),
    ...(values.length === 0 ? {} : { values }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

/** A single one comes as it is: so JSONata has it. */
function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return isJsonArray(value) ? value : [value];
}

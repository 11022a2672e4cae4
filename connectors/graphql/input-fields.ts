import type { GraphQLSchema } from 'graphql';
import { type GraphQLInputObjectType, getNamedType, isInputObjectType, isRequiredInputField } from 'graphql/type';
import { typeFromAST } from 'graphql/utilities';
import { readGraphql } from '../../definition/graphql-document.ts';
import type { ConnectorObject, WriteEndpoint } from '../../definition/schema/connector.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';
import { typeFacts } from './type-facts.ts';

/** What of a record the writes of an object take: the fields of the input type that its fields go into. Undefined where no write says so. */
export function inputFields(schema: GraphQLSchema, object: ConnectorObject): readonly FieldFacts[] | undefined {
  const writable = new Map<string, FieldFacts>();
  let isKnown = false;
  for (const kind of CHANGE_KINDS) {
    const endpoint = object[kind];
    const type = endpoint?.graphql === undefined ? undefined : inputTypeOf(schema, endpoint, endpoint.graphql);
    if (type === undefined) continue;
    isKnown = true;
    for (const field of Object.values(type.getFields())) {
      // A change may leave out what a new record needs.
      const isRequired = kind !== 'update' && isRequiredInputField(field);
      const known = writable.get(field.name);
      writable.set(field.name, { name: field.name, ...typeFacts(field.type), ...(isRequired || known?.isRequired === true ? { isRequired: true } : {}) });
    }
  }
  return isKnown ? [...writable.values()] : undefined;
}

/** The type of the variable that all the fields go into. */
function inputTypeOf(schema: GraphQLSchema, endpoint: WriteEndpoint, text: string): GraphQLInputObjectType | undefined {
  const definitions = readGraphql(text).operation.variableDefinitions ?? [];
  for (const [name, template] of Object.entries(endpoint.variables ?? {})) {
    const paths = compileTemplate(template).expressions.flatMap((expression) => expression.paths);
    const takesAll = paths.includes('fields') || (paths.includes('record') && endpoint.record === '{fields}');
    const definition = takesAll ? definitions.find(({ variable }) => variable.name.value === name) : undefined;
    const type = definition === undefined ? undefined : typeFromAST(schema, definition.type);
    const named = type === undefined ? undefined : getNamedType(type);
    if (isInputObjectType(named)) return named;
  }
  return undefined;
}

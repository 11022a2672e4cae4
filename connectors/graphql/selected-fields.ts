import { type FieldNode, Kind, type SelectionSetNode } from 'graphql/language';
import { type GraphQLNamedType, type GraphQLSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql/type';
import { type GraphqlDocument, readGraphql } from '../../definition/graphql-document.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import { isList, typeFacts } from './type-facts.ts';

/** A selection with the type that it is of. */
interface Selected {
  readonly type: GraphQLNamedType;
  readonly selections: SelectionSetNode;
}

/** What lies deeper is told as one field. */
const DEEPEST = 4;

/**
 * The fields that a document asks for of each record.
 * @param records where its answer keeps them
 * @returns undefined where the schema has no such place
 */
export function selectedFields(schema: GraphQLSchema, text: string, records: string): readonly FieldFacts[] | undefined {
  const read = readGraphql(text);
  const query = schema.getQueryType();
  if (query === undefined || query === null) return undefined;
  const steps = records
    .replaceAll(/[[\]\s]/g, '')
    .split('.')
    .filter((step, index) => index > 0 || step !== 'data');
  let at: Selected | undefined = { type: query, selections: read.operation.selectionSet };
  for (const step of steps) at = at === undefined ? undefined : stepInto(read, at, step);
  return at === undefined ? undefined : factsOf(read, at, '', DEEPEST);
}

function stepInto(read: GraphqlDocument, { type, selections }: Selected, step: string): Selected | undefined {
  const node = fieldsOf(read, selections).find((field) => keyOf(field) === step);
  const field = node === undefined ? undefined : fieldOf(type, node);
  return field === undefined || node?.selectionSet === undefined ? undefined : { type: getNamedType(field.type), selections: node.selectionSet };
}

function factsOf(read: GraphqlDocument, { type, selections }: Selected, prefix: string, levels: number): readonly FieldFacts[] {
  return fieldsOf(read, selections).flatMap((node): readonly FieldFacts[] => {
    const field = fieldOf(type, node);
    if (field === undefined) return [];
    const name = `${prefix}${keyOf(node)}`;
    const inner = node.selectionSet;
    const isWhole = inner === undefined || isList(field.type) || levels <= 1 || fieldsOf(read, inner).some((each) => each.name.value === 'pageInfo');
    if (isWhole) return [{ name, ...(prefix === '' ? {} : { isNested: true }), ...(inner === undefined ? typeFacts(field.type) : { type: 'json' }) }];
    return factsOf(read, { type: getNamedType(field.type), selections: inner }, `${name}.`, levels - 1);
  });
}

/** The fields of a selection, those of its fragments too. */
export function fieldsOf(read: GraphqlDocument, { selections }: SelectionSetNode): readonly FieldNode[] {
  return selections.flatMap((selection): readonly FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(read, selection.selectionSet);
    const fragment = read.document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fieldsOf(read, fragment.selectionSet) : [];
  });
}

function fieldOf(type: GraphQLNamedType, node: FieldNode) {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
}

function keyOf(node: FieldNode): string {
  return (node.alias ?? node.name).value;
}

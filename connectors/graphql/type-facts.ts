import { type GraphQLInputType, type GraphQLOutputType, getNamedType, getNullableType, isEnumType, isListType, isScalarType } from 'graphql/type';
import { type FieldFacts, type FieldType, fieldTypeOf } from '../../engine/field-facts.ts';

/** Scalars of vendors that are no usual words for a type. */
const SCALARS: ReadonlyMap<string, FieldType> = new Map([
  ['UnsignedInt64', 'integer'],
  ['BigInt', 'integer'],
  ['HTML', 'string'],
  ['ISO8601DateTime', 'datetime'],
  ['ISO8601Date', 'date'],
]);

/** What a type says of the values of its field. */
export function typeFacts(type: GraphQLOutputType | GraphQLInputType): Pick<FieldFacts, 'type' | 'values'> {
  const named = getNamedType(type);
  if (isList(type)) return { type: 'json' };
  if (isEnumType(named)) return { type: 'enum', values: named.getValues().map(({ name }) => name) };
  if (!isScalarType(named)) return { type: 'json' };
  const known = SCALARS.get(named.name) ?? fieldTypeOf(named.name);
  return known === undefined ? {} : { type: known };
}

export function isList(type: GraphQLOutputType | GraphQLInputType): boolean {
  return isListType(getNullableType(type));
}

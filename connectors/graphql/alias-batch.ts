import { type DefinitionNode, type FieldNode, Kind, type OperationDefinitionNode, print, visit } from 'graphql/language';
import { readGraphql } from '../../definition/graphql-document.ts';
import type { Json } from '../../engine/json.ts';

/** The same mutation for several records in one document: `m0: …, m1: …`, each with variables of its own. */
export interface AliasBatch {
  /** The document for so many records; the same text each time. */
  textFor(records: number): string;
  /** One set of variables a record, named apart. */
  variablesOf(each: readonly Readonly<Record<string, Json>>[]): Readonly<Record<string, Json>>;
}

/** The name of a record in the request and in the answer. */
export function aliasOf(index: number): string {
  return `m${index}`;
}

/** Documents are kept for sizes up to this: full batches, and what is left of a segment. */
const KEPT = 50;

/** @throws GraphqlProblem where it is no document with one operation of one field */
export function compileAliasBatch(text: string): AliasBatch {
  const { document, operation } = readGraphql(text);
  const others = document.definitions.filter((definition) => definition !== operation);
  const texts = new Map<number, string>();
  return {
    textFor: (records) => {
      const known = texts.get(records);
      if (known !== undefined) return known;
      const written = write(operation, others, records);
      if (texts.size < KEPT) texts.set(records, written);
      return written;
    },
    variablesOf: (each) =>
      Object.fromEntries(each.flatMap((variables, index) => Object.entries(variables).map(([name, value]) => [`${aliasOf(index)}_${name}`, value]))),
  };
}

function write(operation: OperationDefinitionNode, others: readonly DefinitionNode[], records: number): string {
  const copies = Array.from({ length: records }, (_, index) => copyFor(operation, aliasOf(index)));
  const merged: OperationDefinitionNode = {
    ...operation,
    variableDefinitions: copies.flatMap((copy) => copy.variableDefinitions ?? []),
    selectionSet: { ...operation.selectionSet, selections: copies.flatMap((copy) => copy.selectionSet.selections) },
  };
  return print({ kind: Kind.DOCUMENT, definitions: [merged, ...others] });
}

/** The operation with its variables renamed, and its one field under an alias. */
function copyFor(operation: OperationDefinitionNode, alias: string): OperationDefinitionNode {
  const renamed: OperationDefinitionNode = visit(operation, {
    Variable: (variable) => ({ ...variable, name: { ...variable.name, value: `${alias}_${variable.name.value}` } }),
  });
  const selections = renamed.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? ({ ...selection, alias: { kind: Kind.NAME, value: alias } } satisfies FieldNode) : selection,
  );
  return { ...renamed, selectionSet: { ...renamed.selectionSet, selections } };
}

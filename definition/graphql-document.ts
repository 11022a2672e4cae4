import { GraphQLError } from 'graphql/error';
import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print, type VariableDefinitionNode, visit } from 'graphql/language';

/** A GraphQL document with its one operation. */
export interface GraphqlDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: readonly GraphqlVariable[];
  /** Names of the variables that something in it uses, and where it does so first: characters into the document. */
  readonly used: ReadonlyMap<string, number | undefined>;
  /** Names of all the fields it asks for. */
  readonly fields: ReadonlySet<string>;
}

export interface GraphqlVariable {
  readonly name: string;
  /** As written: `ProductInput!`. */
  readonly type: string;
  /** It must have a value: its type is non-null, and there is no default. */
  readonly isRequired: boolean;
  /** Characters into the document. */
  readonly position: number | undefined;
}

/** What is wrong with a document, and how many characters into it. */
export class GraphqlProblem extends Error {
  override readonly name = 'GraphqlProblem';
  readonly position: number | undefined;

  constructor(message: string, position?: number) {
    super(message);
    this.position = position;
  }
}

/** @throws GraphqlProblem where it is no GraphQL, or holds no operation, or several: nobody could tell which to run */
export function readGraphql(text: string): GraphqlDocument {
  const document = parsed(text);
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const [operation, second] = operations;
  if (operation === undefined) throw new GraphqlProblem('the document has no query and no mutation');
  if (second !== undefined) throw new GraphqlProblem('the document has several operations: keep one', second.loc?.start);
  const used = new Map<string, number | undefined>();
  const fields = new Set<string>();
  visit(document, {
    Field: ({ name }) => void fields.add(name.value),
    // Its own name in a definition is no use of it.
    Variable: ({ name, loc }, key) => {
      if (key !== 'variable' && !used.has(name.value)) used.set(name.value, loc?.start);
    },
  });
  return { document, operation, variables: (operation.variableDefinitions ?? []).map(variableOf), used, fields };
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) throw new GraphqlProblem(error.message.replace(/\.$/, ''), error.positions?.[0]);
    throw error;
  }
}

function variableOf(definition: VariableDefinitionNode): GraphqlVariable {
  return {
    name: definition.variable.name.value,
    type: print(definition.type),
    isRequired: definition.type.kind === Kind.NON_NULL_TYPE && definition.defaultValue === undefined,
    position: definition.loc?.start,
  };
}

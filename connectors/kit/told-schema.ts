import { graphqlSync } from 'graphql';
import { type FieldNode, Kind, print, type ValueNode } from 'graphql/language';
import { buildSchema } from 'graphql/utilities';
import { ENDPOINTS } from '../../definition/check-endpoint.ts';
import { type GraphqlDocument, readGraphql } from '../../definition/graphql-document.ts';
import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { fieldsOf } from '../graphql/selected-fields.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { UNKNOWN_FIELD } from './sample-records.ts';

/** Fields of an object type by name: what each gives, and what it takes from any of the documents. */
type Fields = Map<string, { readonly gives: string; readonly takes: Map<string, string> }>;

/** A schema that is just large enough for the documents of an object, as text: each selection is a type of its own, each input takes the fields that the connector knows. */
class SchemaSketch {
  readonly #types = new Map<string, Fields>();
  readonly #lines = new Map<string, string>();
  readonly #known: readonly string[];

  constructor(known: readonly string[]) {
    this.#known = known;
  }

  /** @param lists names of fields that are lists in an answer */
  add(read: GraphqlDocument, lists: ReadonlySet<string>): void {
    const root = read.operation.operation === 'mutation' ? 'Mutation' : 'Query';
    const variables = new Map(read.variables.map(({ name, type }) => [name, type]));
    for (const type of variables.values()) this.#addInput(type.replaceAll(/[[\]!]/g, ''));
    this.#addFields(root, fieldsOf(read, read.operation.selectionSet), { read, lists, variables });
  }

  get text(): string {
    const types = [...this.#types].map(([name, fields]) => `type ${name} { ${[...fields].map(fieldText).join(' ')} }`);
    return [...types, ...this.#lines.values()].join('\n');
  }

  #addFields(parent: string, nodes: readonly FieldNode[], about: About): void {
    const fields: Fields = this.#types.get(parent) ?? new Map();
    this.#types.set(parent, fields);
    for (const node of nodes) {
      const name = node.name.value;
      const type = `${parent}_${name}`;
      const takes = fields.get(name)?.takes ?? new Map<string, string>();
      for (const given of node.arguments ?? []) takes.set(given.name.value, this.#typeOf(given.value, `${type}_${given.name.value}`, about));
      fields.set(name, { gives: node.selectionSet === undefined ? leafOf(name) : about.lists.has(name) ? `[${type}!]` : type, takes });
      if (node.selectionSet !== undefined) this.#addFields(type, fieldsOf(about.read, node.selectionSet), about);
    }
  }

  /** Of an argument, by what it is given. */
  #typeOf(value: ValueNode, name: string, { variables }: About): string {
    if (value.kind === Kind.VARIABLE) return variables.get(value.name.value)?.replace(/!$/, '') ?? 'String';
    if (value.kind === Kind.INT) return 'Int';
    if (value.kind === Kind.BOOLEAN) return 'Boolean';
    if (value.kind === Kind.ENUM) {
      this.#lines.set(name, `enum ${name} { ${print(value)} }`);
      return name;
    }
    return 'String';
  }

  #addInput(name: string): void {
    if (['Int', 'Float', 'String', 'Boolean', 'ID'].includes(name)) return;
    const fields = [...new Set([...this.#known, UNKNOWN_FIELD])].map((field) => `${field}: ${leafOf(field)}`);
    this.#lines.set(name, `input ${name} { ${fields.join(' ')} }`);
  }
}

interface About {
  readonly read: GraphqlDocument;
  readonly lists: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, string>;
}

function fieldText([name, { gives, takes }]: readonly [string, { readonly gives: string; readonly takes: ReadonlyMap<string, string> }]): string {
  const args = [...takes].map(([arg, type]) => `${arg}: ${type}`);
  return `${name}${args.length === 0 ? '' : `(${args.join(', ')})`}: ${gives}`;
}

function leafOf(name: string): string {
  return name === 'id' ? 'ID' : name === 'hasNextPage' ? 'Boolean' : 'String';
}

/** A GraphQL API that tells the schema of an object to whoever asks for it, by a real execution of the query that asks. */
export function schemaVendor(object: ConnectorObject): AnswerRequest {
  const sketch = new SchemaSketch((object.knownFields ?? []).filter((field) => /^\w+$/.test(field)));
  const lists = new Set(['nodes', 'edges', 'userErrors', ...(object.list?.records?.split('.').slice(-1) ?? [])]);
  for (const name of ENDPOINTS) {
    const text = object[name]?.graphql;
    if (text !== undefined) sketch.add(readGraphql(text), lists);
  }
  const schema = buildSchema(sketch.text);
  return ({ body }) => {
    const query = isJsonObject(body) ? body['query'] : undefined;
    const told = graphqlSync({ schema, source: typeof query === 'string' ? query : '' });
    const answer: Json = JSON.parse(JSON.stringify(told));
    return { body: answer };
  };
}

/** What a connector's list asks for of each record: the fields that hold no others. */
export function listedFields({ list }: ConnectorObject): readonly string[] {
  if (list?.graphql === undefined) return [];
  const read = readGraphql(list.graphql);
  const steps = (list.records ?? '').split('.').filter((step, index) => index > 0 || step !== 'data');
  let nodes = fieldsOf(read, read.operation.selectionSet);
  for (const step of steps) {
    const inner = nodes.find(({ alias, name }) => (alias ?? name).value === step)?.selectionSet;
    nodes = inner === undefined ? [] : fieldsOf(read, inner);
  }
  return nodes.filter(({ selectionSet }) => selectionSet === undefined).map(({ alias, name }) => (alias ?? name).value);
}

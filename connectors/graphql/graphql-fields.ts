import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { inputFields } from './input-fields.ts';
import { readSchema } from './read-schema.ts';
import { selectedFields } from './selected-fields.ts';

export interface GraphqlFieldsOptions {
  readonly client: HttpClient;
  readonly object: ConnectorObject;
  /** Where its documents are posted to. */
  readonly path: string;
  /** Names the object in errors. */
  readonly where: string;
}

/**
 * The fields of an object by the schema of its API: those that its list asks for, then those that only its writes take.
 * @returns undefined where the API does not tell its schema, or the schema has no such object
 */
export async function graphqlFields({ client, object, path, where }: GraphqlFieldsOptions, signal?: AbortSignal): Promise<readonly FieldFacts[] | undefined> {
  const schema = await readSchema(client, path, where, signal);
  if (schema === undefined) return undefined;
  const { list } = object;
  const read = list?.graphql === undefined || list.records === undefined ? [] : (selectedFields(schema, list.graphql, list.records) ?? []);
  const written = inputFields(schema, object);
  const isRead = (name: string) => read.some((facts) => facts.name === name || facts.name.startsWith(`${name}.`));
  const fields = [...read.map((facts) => merged(facts, written, object)), ...(written ?? []).filter(({ name }) => !isRead(name))];
  return fields.length === 0 ? undefined : fields;
}

/** What is read, with what the writes say of it: who takes no such field sets it by himself. */
function merged(facts: FieldFacts, written: readonly FieldFacts[] | undefined, { primaryKey }: ConnectorObject): FieldFacts {
  if (written === undefined) return facts;
  const [top] = facts.name.split('.');
  const input = written.find(({ name }) => name === top);
  if (input === undefined || facts.name === primaryKey) return { ...facts, isReadOnly: true };
  return input.isRequired === true ? { ...facts, isRequired: true } : facts;
}

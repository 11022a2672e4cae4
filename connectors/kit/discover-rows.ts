import { parentsOf } from '../../definition/parents-of.ts';
import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { graphqlPath } from '../graphql/graphql-path.ts';
import { exportVendor } from './export-vendor.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectSame, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';
import { listVendor } from './list-vendor.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { sampleRecords, UNKNOWN_FIELD } from './sample-records.ts';
import { fieldsVendor, TOLD } from './told-fields.ts';

/** Which fields an object has: told by the API, by the connector, or by a page of records. */
export async function discoverRows(bench: KitBench, objectName: string, object: ConnectorObject): Promise<readonly KitRow[]> {
  const { fields, knownFields } = object;
  const row = (name: string, work: () => Promise<void>) => tryRow({ object: objectName, operation: 'discover', name }, work);
  const name =
    fields !== undefined ? 'fields, as the API tells them' : knownFields !== undefined ? 'fields, as the connector knows them' : 'fields of a page of records';
  const isTyped = fields === undefined && graphqlPath(object) !== undefined;
  return [
    ...(isTyped ? [await row('fields, by introspection', () => introspects(bench, objectName, object))] : []),
    ...(isTyped && knownFields === undefined ? [] : [await row(name, () => discovers(bench, objectName, object))]),
  ];
}

/** The vendor tells a schema that is made of the connector's own documents. */
async function introspects(bench: KitBench, objectName: string, object: ConnectorObject): Promise<void> {
  // What reads and writes schemas is loaded where one is needed only.
  const { listedFields, schemaVendor } = await import('./told-schema.ts');
  const writes = CHANGE_KINDS.some((kind) => object[kind]?.graphql !== undefined);
  await finds(bench, objectName, schemaVendor(object), [...listedFields(object), ...(writes ? [UNKNOWN_FIELD] : [])], 'introspection');
}

async function discovers(bench: KitBench, objectName: string, object: ConnectorObject): Promise<void> {
  const { fields, knownFields, list } = object;
  if (fields === undefined && bench.connector.openapi !== undefined) throw new Untried('an OpenAPI document tells the fields: "syncline discover" shows them.');
  if (fields === undefined && knownFields === undefined && list !== undefined && !answersAlike(bench, list))
    throw new Untried('parents and their records are listed in different ways, and the mock has one: "syncline discover" shows the fields.');
  if (fields === undefined && knownFields === undefined && list === undefined) throw new Untried('nothing tells the fields: give `knownFields`.');
  const expected = fields !== undefined ? TOLD : (knownFields ?? [UNKNOWN_FIELD]);
  const answer = fields !== undefined ? await fieldsVendor(fields) : list === undefined ? () => ({ body: {} }) : await sampleVendor(object, list);
  await finds(bench, objectName, tellsNoSchema(answer), expected, fields !== undefined ? 'metadata' : knownFields !== undefined ? 'manifest' : 'sample');
}

async function sampleVendor(object: ConnectorObject, list: ListEndpoint): Promise<AnswerRequest> {
  const held = await sampleRecords(object, 1);
  return list.export === undefined ? listVendor(list, held, 1) : exportVendor(list.export, { state: list.export.poll.done[0] ?? '' }, held);
}

async function finds(bench: KitBench, objectName: string, answer: AnswerRequest, expected: readonly string[], origin: string): Promise<void> {
  await onVendor(bench, answer, async (connection) => {
    const found = await connection.discover?.fields(objectName);
    expectThat(found !== undefined, 'the connection discovers nothing.');
    const names = found?.facts.map((facts) => facts.name) ?? [];
    expectSame(
      expected.filter((one) => !names.includes(one)),
      [],
      'fields that were not found',
    );
    expectSame(found?.origin, origin, 'what told the fields');
  });
}

/** Whether one answer is a list of an object and of all its parents. */
function answersAlike(bench: KitBench, list: ListEndpoint): boolean {
  return parentsOf(list).every(({ object, within }) => {
    const parents = object === undefined ? undefined : bench.connector.objects[object]?.list;
    return within === undefined && (parents === undefined || (parents.records === list.records && answersAlike(bench, parents)));
  });
}

/** A GraphQL API that does not tell its schema, as many do outside of development: what the connector knows has to do. */
function tellsNoSchema(answer: AnswerRequest): AnswerRequest {
  return (request) => (request.text.includes('__schema') ? { status: 400, body: { errors: [{ message: 'introspection is not allowed' }] } } : answer(request));
}

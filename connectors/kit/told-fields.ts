import { ENDPOINTS } from '../../definition/check-endpoint.ts';
import type { Connector, ConnectorObject } from '../../definition/schema/connector.ts';
import type { FieldsEndpoint } from '../../definition/schema/fields.ts';
import type { Json } from '../../engine/json.ts';
import { insertsFieldNames } from '../rest/field-names.ts';
import type { AnswerRequest } from './mock-vendor.ts';
import { answerGiving } from './place-value.ts';

/** What the vendor says of the fields of an object; one is named as custom ones are. */
export const TOLD: readonly string[] = ['kit_one', 'kit_two__c'];

/** A vendor that tells the fields of an object. */
export async function fieldsVendor({ records, name, label }: FieldsEndpoint): Promise<AnswerRequest> {
  const entries: Json[] = [];
  for (const one of TOLD) {
    const named = await answerGiving(name, one);
    entries.push(label === undefined ? named : await answerGiving(label, `Label of ${one}`, named));
  }
  const body = await answerGiving(records, entries);
  return () => ({ body });
}

/** Whether requests of an endpoint ask for fields by the names that the API tells. */
export function asksForToldFields(endpoint: ConnectorObject[(typeof ENDPOINTS)[number]]): boolean {
  return endpoint !== undefined && insertsFieldNames(endpoint);
}

/** Where a connector asks for the names of fields whatever else it is asked for, by path below its base address. */
export function fieldPaths({ objects }: Connector): ReadonlyMap<string, FieldsEndpoint> {
  const paths = Object.entries(objects).flatMap(([object, described]) => {
    const { fields } = described;
    if (fields === undefined || !ENDPOINTS.some((name) => asksForToldFields(described[name]))) return [];
    return [[fields.get.replaceAll('{object}', object), fields] as const];
  });
  return new Map(paths);
}

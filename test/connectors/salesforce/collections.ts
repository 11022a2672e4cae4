import { z } from 'zod';
import { Refused } from './ingest-jobs.ts';
import type { Fields, Records, Saved, SObjectType } from './records.ts';

const MOST = 200;
const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const bodySchema = z.object({
  allOrNone: z.boolean().default(false),
  records: z.array(z.object({ attributes: z.object({ type: z.string() }) }).catchall(valueSchema)),
});

/**
 * sObject Collections, after developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/ (resources_composite_sobjects_collections_create, _update, _upsert, _delete):
 * at most 200 records, results in their order.
 */
export function answerCollections(
  records: Records,
  asked: { readonly method: string; readonly type: string; readonly externalId: string; readonly query: URLSearchParams; readonly body: string },
): readonly unknown[] {
  if (asked.method === 'DELETE') {
    const ids = (asked.query.get('ids') ?? '').split(',');
    if (ids.length > MOST) throw tooMany();
    return ids.map((id) => shown(deleteById(records, id)));
  }
  const { records: given } = bodySchema.parse(JSON.parse(asked.body));
  if (given.length > MOST) throw tooMany();
  return given.map(({ attributes, ...fields }) => {
    const type = records.typeOf(attributes.type);
    if (type === undefined) throw new Refused(400, 'INVALID_TYPE', `sObject type '${attributes.type}' is not supported.`);
    if (asked.type !== '') return upserted(records, type, asked.externalId, fields);
    if (asked.method === 'POST') return shown(records.create(type, fields));
    const { id, Id, ...others } = fields;
    return shown(records.update(type, String(id ?? Id), others));
  });
}

function upserted(records: Records, type: SObjectType, externalId: string, fields: Fields): unknown {
  if (!type.externalIds.includes(externalId))
    throw new Refused(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${externalId}`);
  return shown(records.upsert(type, externalId, fields), true);
}

function deleteById(records: Records, id: string): Saved {
  const name = [...records.byType].find(([, byId]) => byId.has(id))?.[0] ?? 'Contact';
  const type = records.typeOf(name);
  return type === undefined ? { success: false, error: { statusCode: 'INVALID_ID_FIELD', message: 'invalid id', fields: [] } } : records.delete(type, id);
}

function shown(saved: Saved, tellsCreated = false): unknown {
  if (!saved.success) return { success: false, errors: [saved.error] };
  return { id: saved.id, success: true, errors: [], ...(tellsCreated ? { created: saved.created } : {}) };
}

function tooMany(): Refused {
  return new Refused(400, 'EXCEEDED_ID_LIMIT', 'record limit reached. cannot submit more than 200 records into this call');
}

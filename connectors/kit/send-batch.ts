import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { BatchAnswer, OpenConnection, OutgoingRecord } from '../ports.ts';
import { joinedRecord } from './joined-key.ts';
import { matchOnOf, matchValue } from './search-rows.ts';

/** The records of one request, as the product sends them. */
export function outgoing(object: ConnectorObject, kind: ChangeKind, count: number): readonly OutgoingRecord[] {
  const matchOn = matchOnOf(object);
  return Array.from({ length: count }, (_, index) => {
    const joined = joinedRecord(object, index);
    const match = matchValue(object, index);
    return {
      fields: kind === 'delete' ? {} : { [matchOn]: match, name: `Kit ${index + 1}`, ...joined?.fields },
      match,
      ...(kind === 'update' || kind === 'delete' ? { targetId: joined?.match ?? String(index + 301) } : {}),
    };
  });
}

/** Sends one batch as the writer of a run does. */
export async function sendBatch(
  connection: OpenConnection,
  objectName: string,
  object: ConnectorObject,
  kind: ChangeKind,
  records: readonly OutgoingRecord[],
  id = 'b_kit_1',
): Promise<BatchAnswer> {
  const target = connection.target(objectName, matchOnOf(object));
  const permit = await target.acquirePermit();
  return target.send({ id, kind, records, permit, checkBeforeDispatch: async () => undefined });
}

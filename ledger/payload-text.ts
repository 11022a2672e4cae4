import { isJsonObject, type JsonObject } from '../engine/json.ts';

/** What is sent of a record, kept as one text, so that it is sealed and opened once. */
export interface Payload {
  readonly match: string;
  /** Absent where the ledger keeps no settled values. */
  readonly fields?: JsonObject;
  /** As `RecordState` has them. */
  readonly kept?: readonly string[] | undefined;
}

export function payloadText({ match, fields, kept = [] }: Payload): string {
  return JSON.stringify(fields === undefined ? { match } : { match, fields, ...(kept.length === 0 ? {} : { kept }) });
}

/** @param text as `payloadText` wrote it */
export function payloadOf(text: string): Payload {
  const payload: unknown = JSON.parse(text);
  const { match, fields, kept }: JsonObject = isJsonObject(payload) ? payload : {};
  return { match: String(match), ...(isJsonObject(fields) ? { fields } : {}), ...(Array.isArray(kept) ? { kept: kept.map(String) } : {}) };
}

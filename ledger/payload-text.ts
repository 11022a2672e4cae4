import { isJsonObject, type JsonObject } from '../engine/json.ts';

/** What is sent of a record, kept as one text, so that it is sealed and opened once. */
export interface Payload {
  readonly match: string;
  /** Absent where the ledger keeps no settled values. */
  readonly fields?: JsonObject;
}

export function payloadText({ match, fields }: Payload): string {
  return JSON.stringify(fields === undefined ? { match } : { match, fields });
}

/** @param text as `payloadText` wrote it */
export function payloadOf(text: string): Payload {
  const payload: unknown = JSON.parse(text);
  const { match, fields }: JsonObject = isJsonObject(payload) ? payload : {};
  return { match: String(match), ...(isJsonObject(fields) ? { fields } : {}) };
}

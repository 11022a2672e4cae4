import { isJsonObject, type JsonObject } from '../../engine/json.ts';
import type { Vault } from '../vault.ts';

/** What is sent of a record, kept as one value, so that it is sealed and opened once. */
export interface Payload {
  readonly match: string;
  /** Absent where the ledger keeps no settled values. */
  readonly fields?: JsonObject;
}

export function writePayload(vault: Vault, { match, fields }: Payload, isSealed: boolean): string {
  return vault.write(fields === undefined ? { match } : { match, fields }, isSealed);
}

export function readPayload(vault: Vault, stored: string): Payload {
  const { match, fields } = vault.readObject(stored);
  return { match: String(match), ...(isJsonObject(fields) ? { fields } : {}) };
}

import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import type { Temporal } from './connect.ts';
import { SERVER_PATIENCE_MS } from './patience.ts';

const KEYWORD = 2;

/**
 * True where the server has Syncline's search attributes. Where it lacks them they are asked for, for the next run: a server takes a while to know new ones
 * everywhere, and an unknown one would stall a run. Servers without an operator service (Temporal Cloud) simply go without.
 */
export async function hasSearchAttributes(temporal: Temporal): Promise<boolean> {
  const { connection } = temporal.client;
  try {
    return await connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, async () => {
      const known = await connection.operatorService.listSearchAttributes({ namespace: temporal.namespace });
      const missing = SEARCH_ATTRIBUTES.filter((name) => known.customAttributes?.[name] === undefined);
      if (missing.length === 0) return true;
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD] as const));
      await connection.operatorService.addSearchAttributes({ namespace: temporal.namespace, searchAttributes });
      return false;
    });
  } catch {
    return false;
  }
}

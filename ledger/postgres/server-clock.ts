import { number } from '../rows/row.ts';
import type { Session } from './session.ts';

/** Milliseconds since the epoch by the clock of the server: those of the workers may differ. */
export const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

export async function readNow(session: Session): Promise<number> {
  return number((await session.get(`SELECT ${NOW} AS now`)) ?? {}, 'now');
}

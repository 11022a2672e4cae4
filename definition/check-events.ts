import type { Page } from './check-expression.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';

/** How a record is had for which a delivery came. */
export function checkEvents({ file }: Page, { source }: Sync, found: FoundObject | undefined): Mistake[] {
  const { events, incremental } = source;
  if (events === undefined) return [];
  if (events.read === 'payload') {
    if (incremental !== undefined) return [];
    const message =
      'payload needs `source.incremental`: without a field that grows, an old delivery would go over what is newer. Name it, or use `read: record`';
    return [file.mistake(['source', 'events', 'read'], message)];
  }
  if (found === undefined || found.has('get')) return [];
  const message = `${source.connection} ${source.object} cannot be read one by one: it has no \`get\`. Describe it in the connector, or trust what deliveries hold: \`events: { read: payload }\``;
  return [file.mistake(['source', 'events'], message, { at: 'key' })];
}

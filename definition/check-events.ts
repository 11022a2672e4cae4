import type { Page } from './check-expression.ts';
import type { CheckScope } from './check-scope.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import { webhooksOf } from './resolve-webhooks.ts';
import type { Sync } from './schema/sync.ts';

/** How a record is had for which a delivery came, and whether one ever comes. */
export function checkEvents(scope: CheckScope, page: Page, sync: Sync, found: FoundObject | undefined): Mistake[] {
  return sync.source.events === undefined ? [] : [...checkReading(page, sync, found), ...checkDelivered(scope, page, sync)];
}

function checkReading({ file }: Page, { source: { events, incremental, ...source } }: Sync, found: FoundObject | undefined): Mistake[] {
  if (events?.read === 'payload') {
    if (incremental !== undefined) return [];
    const message =
      'payload needs `source.incremental`: without a field that grows, an old delivery would go over what is newer. Name it, or use `read: record`';
    return [file.mistake(['source', 'events', 'read'], message)];
  }
  if (found === undefined || found.has('get')) return [];
  const message = `${source.connection} ${source.object} cannot be read one by one: it has no \`get\`. Describe it in the connector, or trust what deliveries hold: \`events: { read: payload }\``;
  return [file.mistake(['source', 'events'], message, { at: 'key' })];
}

/** Nothing is wrong with a sync that nobody tells of changes: its runs read them. */
function checkDelivered({ files, profile }: CheckScope, { file }: Page, { source: { connection, object } }: Sync): Mistake[] {
  const from = files.connections.get(connection);
  if (from?.isSound !== true) return [];
  const webhooks = webhooksOf(from.value, files.connectors.get(from.value.connector)?.value, profile);
  const isDelivered = webhooks?.events === undefined ? webhooks !== undefined : webhooks.events.some((rule) => rule.object === object);
  if (isDelivered) return [];
  const why = webhooks === undefined ? `has no \`webhooks\` on ${profile}` : `has none of ${object} among the events of its \`webhooks\``;
  return [file.mistake(['source', 'events'], `no delivery ever comes: ${connection} ${why}`, { at: 'key', severity: 'warning' })];
}

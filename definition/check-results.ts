import { channelNames } from './check-channels.ts';
import type { Page } from './check-expression.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import type { Path } from './yaml-file.ts';

/** Where results go: a webhook that can tell who sent them. */
export function checkResults({ files }: CheckScope, { file }: Page, path: Path, results: Sync['results']): Mistake[] {
  if (results === undefined) return [];
  const channels = files.project?.value.channels ?? {};
  const known = Object.entries(channels).flatMap(([name, { type }]) => (type === 'webhook' ? [name] : []));
  const channel = Object.hasOwn(channels, results.to) ? channels[results.to] : undefined;
  const at = [...path, 'to'];
  // Its own mistake is told where it stands.
  if (channel === undefined && channelNames(files).includes(results.to)) return [];
  if (channel?.type !== 'webhook') {
    const orElse = known.length === 0 ? ': syncline.yaml has none' : `: there are ${known.join(', ')}`;
    return [file.mistake(at, `"${results.to}" is no channel of type webhook`, { meant: { name: results.to, known, orElse } })];
  }
  if (channel.secret !== undefined) return [];
  return [file.mistake(at, `messages to ${results.to} are not signed: give the channel a \`secret\` in syncline.yaml`)];
}

import type { CheckScope } from './check-scope.ts';
import { checkUrl } from './check-url.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import type { Project } from './schema/project.ts';
import { SECRET_PLACES, secretNames } from './secrets.ts';

/** Where alerts go. A secret that is not set stops no run: it is warned about. */
export function checkChannels({ environment }: Pick<CheckScope, 'environment'>, { value, file }: Loaded<Project>): Mistake[] {
  return Object.entries(value.channels ?? {}).flatMap(([name, channel]) => {
    const path = ['channels', name];
    const secret = channel.type === 'pagerduty' ? 'key' : 'url';
    const missing = secretNames(channel).filter((one) => environment.secret(one) === undefined);
    const message = (one: string) => `the secret ${one} is not set here, so that ${name} is told nothing: put it into ${SECRET_PLACES}`;
    return [
      ...missing.map((one) => file.mistake([...path, secret], message(one), { kind: 'secret', severity: 'warning' })),
      ...(channel.type === 'pagerduty' ? checkUrl({ file, environment }, [...path, 'url'], false, false) : []),
    ];
  });
}

/** Below a channel: its address or key. */
export function isChannelSecret([first, , key]: readonly PropertyKey[]): boolean {
  return first === 'channels' && (key === 'url' || key === 'key');
}

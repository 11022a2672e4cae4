import { z } from 'zod';
import { renderFields } from '../output/table.ts';
import type { Theme } from '../output/theme.ts';

/** What the listener says when it listens. */
export const listeningSchema = z.object({
  url: z.string(),
  hooks: z.array(z.object({ connection: z.string(), scheme: z.string(), url: z.string() })),
  hasTokens: z.boolean(),
});

export type Listening = z.output<typeof listeningSchema>;

/** The addresses to give to vendors, and what else is there. */
export function renderListening({ url, hooks, hasTokens }: Listening, theme: Theme): string {
  const told = hooks.map(({ connection, scheme, url: address }) => [connection, `${theme.link(address)}  ${theme.faint(scheme)}`] as const);
  const runs = hasTokens ? `POST ${url}/v1/syncs/NAME/runs` : theme.faint('off: `listen.tokens` of syncline.yaml names no token');
  const none = [['Webhooks', theme.faint('none: no connection has `webhooks`')] as const];
  return renderFields([...(told.length === 0 ? none : told), ['Start runs', runs], ['Health', `${url}/healthz, ${url}/readyz`]], theme);
}

import { Webhook } from 'standardwebhooks';
import { loadProject } from '../definition/load-project.ts';
import { type ResolvedListen, type ResolvedWebhooks, resolveListen, resolveWebhooks } from '../definition/resolve-webhooks.ts';
import { resolveSecrets } from '../definition/secrets.ts';
import { SyncError } from '../engine/errors.ts';
import type { ToldSync } from './deliveries/hooks.ts';

/** What of a project's definitions the listener works by. Secrets are put in. */
export interface ListenerProject {
  readonly name: string;
  readonly profile: string;
  readonly listen: ResolvedListen;
  readonly hooks: readonly { readonly webhooks: ResolvedWebhooks; readonly syncs: readonly ToldSync[] }[];
}

/** @throws SyncError SECRET_MISSING, also where a secret is none of its scheme; mistakes of the definitions are the caller's to look at */
export function loadListenerProject(directory: string, profile: string | undefined, env: NodeJS.ProcessEnv): ListenerProject {
  const project = loadProject(directory, { profile, env });
  const secretOf = (reference: string) => String(resolveSecrets(reference, project.environment));
  const listen = resolveListen(project);
  const hooks = resolveWebhooks(project).map((webhooks) => {
    const secrets = webhooks.secrets.map(secretOf);
    refuseUnusable(webhooks, secrets);
    return { webhooks: { ...webhooks, secrets }, syncs: toldSyncs(project.files.syncs, webhooks.connection) };
  });
  return { name: project.name, profile: project.profile, listen: { ...listen, tokens: listen.tokens.map(secretOf) }, hooks };
}

/** Those that read from the connection, and say that its events count. */
function toldSyncs(syncs: ReturnType<typeof loadProject>['files']['syncs'], connection: string): readonly ToldSync[] {
  return [...syncs].flatMap(
    ([
      sync,
      {
        value: { source },
      },
    ]) =>
      source.connection === connection && source.events !== undefined ? [{ sync, object: source.object, takesRecord: source.events.read === 'payload' }] : [],
  );
}

/** Otherwise each delivery would be answered as if its sender were to blame. */
function refuseUnusable({ connection, signature }: ResolvedWebhooks, secrets: readonly string[]): void {
  if (signature.type !== 'standard-webhooks') return;
  for (const [index, secret] of secrets.entries()) {
    try {
      new Webhook(secret);
    } catch (cause) {
      const message = `The secret at webhooks.secrets.${index} of connection ${connection} is none of Standard Webhooks: it is whsec_ and base64, as its sender shows it.`;
      throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message, cause });
    }
  }
}

import { Webhook } from 'standardwebhooks';
import { loadProject } from '../definition/load-project.ts';
import { type ResolvedListen, type ResolvedWebhooks, resolveListen, resolveWebhooks } from '../definition/resolve-webhooks.ts';
import type { Signature } from '../definition/schema/webhooks.ts';
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

/** Otherwise each delivery would be answered as if its sender were to blame; and what is no hex is an empty key, with which anybody can sign. */
function refuseUnusable({ connection, signature }: ResolvedWebhooks, secrets: readonly string[]): void {
  for (const [index, secret] of secrets.entries()) {
    const wanted = formMissedBy(secret, signature);
    if (wanted === undefined) continue;
    const message = `The secret at webhooks.secrets.${index} of connection ${connection} cannot be used: ${wanted}.`;
    throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message });
  }
}

/** @returns how a secret is written, where this one is not written so */
function formMissedBy(secret: string, signature: Signature): string | undefined {
  if (signature.type === 'standard-webhooks')
    return isOfStandardWebhooks(secret) ? undefined : 'one of Standard Webhooks is whsec_ and base64, as its sender shows it';
  if (signature.type !== 'hmac' || signature.secretEncoding === 'text') return undefined;
  const { secretEncoding } = signature;
  const isWritten = secretEncoding === 'hex' ? /^(?:[\da-f]{2})+$/i.test(secret) : /^[\w+/-]{2,}={0,2}$/.test(secret);
  return isWritten ? undefined : `it is not written in ${secretEncoding}, as \`secretEncoding\` says. Take it as its sender shows it, or correct that`;
}

function isOfStandardWebhooks(secret: string): boolean {
  try {
    new Webhook(secret);
    return true;
  } catch {
    return false;
  }
}

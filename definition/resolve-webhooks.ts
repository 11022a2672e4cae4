import { parseDuration, parseSize } from '../engine/duration.ts';
import type { LoadedProject } from './load-project.ts';
import type { Connection } from './schema/connection.ts';
import type { Connector } from './schema/connector.ts';
import type { ConnectionWebhooks, EventRule, Signature } from './schema/webhooks.ts';
import { resolveSettings } from './secrets.ts';

const DEFAULTS = { maxAge: '5m', remember: '7d', maxBytes: '1MB', rate: { count: 600, per: '1s' } } as const;

/** What `syncline listen` takes for one connection. Secrets are still references. */
export interface ResolvedWebhooks {
  readonly connection: string;
  readonly signature: Signature;
  /** Any of them may have signed. */
  readonly secrets: readonly string[];
  /** Expressions over headers and body. */
  readonly delivery: string | undefined;
  readonly each: string | undefined;
  readonly events: readonly EventRule[];
  /** How far the time of a signature may be from now. */
  readonly maxAgeMs: number;
  /** For how long a delivery that is sent again is known. */
  readonly rememberMs: number;
  readonly rate: { readonly count: number; readonly perMs: number };
}

/** What `syncline listen` is told by syncline.yaml. Secrets are still references. */
export interface ResolvedListen {
  /** Without a slash at its end. */
  readonly publicUrl: string | undefined;
  readonly tokens: readonly string[];
  readonly maxBytes: number;
}

/** The keys of `webhooks` as a connection has them on a profile: what its account says, else the connection, else the connector. */
export function webhooksOf(
  { webhooks, profiles = {} }: Connection,
  connector: Connector | undefined,
  profile: string,
): Partial<ConnectionWebhooks> | undefined {
  const own = (Object.hasOwn(profiles, profile) ? profiles[profile]?.webhooks : undefined) ?? webhooks;
  return own === undefined ? undefined : { ...connector?.webhooks, ...own };
}

/** How old a delivery may be, and how long it is known. */
export function timesOf({
  maxAge = DEFAULTS.maxAge,
  remember = DEFAULTS.remember,
}: Partial<ConnectionWebhooks>): Pick<ResolvedWebhooks, 'maxAgeMs' | 'rememberMs'> {
  return { maxAgeMs: parseDuration(maxAge) ?? 0, rememberMs: parseDuration(remember) ?? 0 };
}

/** The connections of a project that take webhooks on its profile, by name. Those with mistakes are left out. */
export function resolveWebhooks({ files, profile }: LoadedProject): readonly ResolvedWebhooks[] {
  return [...files.connections].flatMap(([connection, { value }]) => {
    const { signature, secrets, events, ...others } = webhooksOf(value, files.connectors.get(value.connector)?.value, profile) ?? {};
    if (signature === undefined || secrets === undefined || events === undefined) return [];
    const { delivery, each, rate = DEFAULTS.rate } = others;
    return [{ connection, signature, secrets, delivery, each, events, ...timesOf(others), rate: { count: rate.count, perMs: parseDuration(rate.per) ?? 0 } }];
  });
}

export function resolveListen({ files, environment }: LoadedProject): ResolvedListen {
  const { publicUrl, tokens = [], maxBytes = DEFAULTS.maxBytes } = files.project?.value.listen ?? {};
  const address = publicUrl === undefined ? '' : String(resolveSettings(publicUrl, environment));
  return { publicUrl: address === '' ? undefined : address.replace(/\/+$/, ''), tokens, maxBytes: parseSize(maxBytes) ?? 0 };
}

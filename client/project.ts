import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ledgerOverride, ledgerUrl } from '../definition/ledger-url.ts';
import { type LoadedProject, loadProject } from '../definition/load-project.ts';
import type { Mistake } from '../definition/mistake.ts';
import type { Loaded } from '../definition/parse-definition.ts';
import { makeRedactor } from '../definition/redact.ts';
import { definitionHash, findConnection, resolveSync } from '../definition/resolve-sync.ts';
import { resolveWebhooks } from '../definition/resolve-webhooks.ts';
import type { ResolvedConnection, ResolvedSync } from '../definition/resolved.ts';
import { type Channel, channelsSchema } from '../definition/schema/channels.ts';
import type { Sync } from '../definition/schema/sync.ts';
import { resolveSecrets, resolveSettings, secretNames } from '../definition/secrets.ts';
import type { findHint } from '../engine/hints.ts';
import type { Json } from '../engine/json.ts';
import { PAYLOAD_KEYS, payloadSecrets } from '../payloads/payload-keys.ts';
import { createTheme } from './output/theme.ts';
import { errorsOf, mistakesError } from './reports/mistakes.ts';

const ENCRYPTION_KEY = 'SYNCLINE_ENCRYPTION_KEY';
const CODEC_TOKEN = 'SYNCLINE_CODEC_TOKEN';

type Hints = NonNullable<Parameters<typeof findHint>[1]>;

export interface ResolvedWithHash {
  readonly definition: ResolvedSync;
  readonly hash: string;
}

/** A project folder as the command line needs it. */
export interface Project {
  readonly directory: string;
  readonly name: string;
  readonly profile: string;
  /** Also of those with mistakes. */
  readonly syncNames: readonly string[];
  readonly mistakes: readonly Mistake[];
  readonly ledger: { readonly url: string; readonly values: 'plain' | 'encrypted' | 'hashed'; readonly encryptionKey: string | undefined };
  /** Where alerts go. Secrets are references. */
  readonly channels: Readonly<Record<string, Channel>>;
  /** The keys for what Temporal keeps, as they are set. */
  readonly payloadKeys: string | undefined;
  /** A connection takes webhooks: there is something to listen for. */
  readonly takesWebhooks: boolean;
  /** What `syncline codec` asks for. */
  readonly codecToken: string | undefined;
  /** Hides the values of the project's secrets in a text. */
  readonly redact: (text: string) => string;
  readonly resolveSecrets: (value: Json) => Json;
  /** The definition of a sync, to be run. @throws CliError (exit 3) with all mistakes of the project at once */
  resolve(sync: string): ResolvedWithHash;
  /** The definition of a sync, if it can be used as it is. */
  find(sync: string): ResolvedSync | undefined;
  /** A sync as its file has it, also with mistakes; undefined where nothing useful is left. */
  syncFile(name: string): Loaded<Sync> | undefined;
  /** Of all connections, also those with mistakes. */
  readonly connectionNames: readonly string[];
  /** A connection by itself, with what is described of its objects; and these of those that it knows by any name. @throws SyncError DEFINITION_INVALID where it has mistakes */
  connection(name: string, objects?: readonly string[]): ResolvedConnection;
  /** What the sync's connectors know about rejections. */
  hintsFor(sync: string): Hints;
}

export interface ProjectOptions {
  readonly directory: string;
  readonly profile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws CliError (exit 3) where syncline.yaml cannot be used; SyncError SECRET_MISSING where the ledger's secret is not set */
export async function openProject(options: ProjectOptions): Promise<Project> {
  const loaded = loadProject(options.directory, { profile: options.profile, env: options.env });
  const settings = loaded.files.project?.value;
  if (settings === undefined) throw mistakesError(loaded.mistakes, createTheme(false));
  const { environment } = loaded;
  const find = (sync: string) => (loaded.files.syncs.has(sync) && errorsOf(loaded.mistakes).length === 0 ? resolveSync(loaded, sync) : undefined);
  return {
    directory: options.directory,
    name: loaded.name,
    profile: loaded.profile,
    syncNames: syncNames(options.directory),
    mistakes: loaded.mistakes,
    ledger: { url: ledgerUrl(settings.ledger, environment), values: settings.values, encryptionKey: environment.secret(ENCRYPTION_KEY) },
    channels: channelsSchema.parse(resolveSettings(z.json().parse(JSON.parse(JSON.stringify(settings.channels ?? {}))), environment)),
    payloadKeys: environment.secret(PAYLOAD_KEYS),
    takesWebhooks: resolveWebhooks(loaded).length > 0,
    codecToken: environment.secret(CODEC_TOKEN),
    redact: makeRedactor(secretValues(loaded)),
    resolveSecrets: (value) => resolveSecrets(value, environment),
    resolve: (sync) => {
      const definition = find(sync);
      if (definition === undefined) throw mistakesError(loaded.mistakes, createTheme(false));
      return { definition, hash: definitionHash(definition, (text) => createHash('sha256').update(text).digest('hex')) };
    },
    find,
    syncFile: (name) => loaded.files.syncs.get(name),
    connectionNames: [...loaded.files.connections.keys()].toSorted(),
    connection: (name, objects) => findConnection(loaded, name, objects),
    hintsFor: (sync) => Object.values(find(sync)?.connections ?? {}).flatMap((connection) => connection.hints),
  };
}

function syncNames(directory: string): readonly string[] {
  const folder = join(directory, 'syncs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => file.replace(/\.ya?ml$/, ''))
    .toSorted();
}

/** The values of all secrets that the project's files refer to. */
function secretValues({ files, environment }: LoadedProject): readonly string[] {
  const written = [files.project?.value, ...[...files.connections.values(), ...files.connectors.values()].map(({ value }) => value)];
  const names = secretNames(z.json().parse(JSON.parse(JSON.stringify(written.filter((value) => value !== undefined)))));
  const own = [
    ledgerOverride(environment) ?? [],
    environment.secret(ENCRYPTION_KEY) ?? [],
    payloadSecrets(environment.secret(PAYLOAD_KEYS)),
    environment.secret(CODEC_TOKEN) ?? [],
  ].flat();
  return [...own, ...names.map((name) => environment.secret(name) ?? [])].flat();
}

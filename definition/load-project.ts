import { checkAlerts } from './check-alerts.ts';
import { checkAuthText, checkHeadersText } from './check-auth.ts';
import { checkChannels, isChannelSecret } from './check-channels.ts';
import { checkConnection } from './check-connection.ts';
import { checkKeptDefaults } from './check-kept-values.ts';
import { checkObjectKinds } from './check-kind.ts';
import { checkCost, checkLimits, checkPositive } from './check-limits.ts';
import { checkConnector } from './check-objects.ts';
import { checkReferences } from './check-references.ts';
import { checkResults } from './check-results.ts';
import type { CheckScope } from './check-scope.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkSync } from './check-sync.ts';
import { checkUrl } from './check-url.ts';
import { checkListen, checkWebhooks, isListenToken } from './check-webhooks.ts';
import { type Environment, loadEnvironment } from './environment.ts';
import { ledgerMistake } from './ledger-url.ts';
import { type Mistake, sortMistakes } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import { NAME, type ProjectFiles, readProjectFiles, SHIPPED_CONNECTORS } from './project-files.ts';
import type { Connector } from './schema/connector.ts';
import type { Project } from './schema/project.ts';
import type { ServedQueues } from './served-queues.ts';

export interface LoadOptions {
  /** Default: the project's `defaultProfile`. */
  readonly profile?: string | undefined;
  /** The process's environment; it goes before `.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The connections that this process talks to: the secrets of others are only warned about. @default those without a task queue */
  readonly served?: ServedQueues;
  /** Folder of the manifests that ship with the product. @default those of this package */
  readonly shippedConnectors?: string;
  /** Reads also those of them that no connection uses. @default false */
  readonly withAllConnectors?: boolean;
}

/** A project folder as it is on the disk now. Mistakes are values: loading never throws for what a user wrote. */
export interface LoadedProject {
  readonly directory: string;
  readonly name: string;
  readonly profile: string;
  /** To be run only where no mistake is an error. */
  readonly files: ProjectFiles;
  readonly environment: Environment;
  /** In the order of files and lines. */
  readonly mistakes: readonly Mistake[];
}

/** Reads all definitions of a project, and finds all mistakes at once: those of each file, and those between them. */
export function loadProject(directory: string, options: LoadOptions): LoadedProject {
  const found: Mistake[] = [];
  const environment = loadEnvironment(directory, options.env);
  const shipped = { folder: options.shippedConnectors ?? SHIPPED_CONNECTORS, isWhole: options.withAllConnectors ?? false };
  const files = readProjectFiles(directory, shipped, found);
  const { project } = files;
  const profile = options.profile ?? project?.value.defaultProfile ?? 'dev';
  const scope: CheckScope = { files, profile, environment, served: options.served ?? 'unnamed' };
  if (project !== undefined) {
    found.push(...checkProject(scope, project));
    for (const connection of files.connections.values()) found.push(...checkConnection(scope, connection));
    for (const connector of files.connectors.values()) found.push(...checkConnectorFile(scope, connector));
    for (const sync of files.syncs.values()) found.push(...checkSync(scope, sync));
  }
  return { directory, name: project?.value.name ?? 'unnamed', profile, files, environment, mistakes: sortMistakes(found) };
}

/** Errors stop a run; warnings do not. */
export function errorsOf(project: LoadedProject): readonly Mistake[] {
  return project.mistakes.filter((mistake) => mistake.severity === 'error');
}

function checkProject(scope: CheckScope, project: Loaded<Project>): Mistake[] {
  const { environment, profile } = scope;
  const { file, value } = project;
  const mistake = ledgerMistake(value.ledger, environment);
  return [
    ...(NAME.test(profile)
      ? []
      : [file.mistake(['defaultProfile'], `"${profile}" is no profile: a name has letters, digits, hyphens, dots and underscores only`)]),
    ...(mistake === undefined ? [] : [file.mistake(['ledger'], mistake)]),
    ...checkPositive(file, ['defaults', 'giveUpAfter']),
    ...checkChannels(scope, project),
    ...checkKeptDefaults(project),
    ...checkListen(scope, project),
    ...checkAlerts(scope, { file, environment }, ['defaults', 'alerts'], value.defaults?.alerts),
    ...checkResults(scope, { file, environment }, ['defaults', 'results'], value.defaults?.results),
    ...checkReferences(file, environment, {
      mayHoldSecret: (path) => path[0] === 'ledger' || isChannelSecret(path) || isListenToken(path),
      isUsed: () => true,
    }),
  ];
}

function checkConnectorFile({ environment }: CheckScope, { file, value }: Loaded<Connector>): Mistake[] {
  const page = { file, environment };
  return [
    ...checkConnector(page, value),
    ...checkWebhooks(page, ['webhooks'], value.webhooks, Object.keys(value.objects)),
    ...checkObjectKinds(page, value.objects, value.kind),
    ...checkAuthText(page, ['auth']),
    ...checkHeadersText(page, ['headers']),
    ...checkLimits(file, []),
    ...checkCost(page, []),
    ...checkUrl(page, ['baseUrl'], true, false),
    // A certificate is the connection's.
    ...checkSignIn(page, ['auth'], value.auth, { allowsPlainHttp: false, hasCertificate: true }),
    ...checkReferences(file, environment, { mayHoldSecret: ([key]) => key === 'auth' || key === 'headers', isUsed: () => true }),
  ];
}

import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CELL_OPERATIONS, type ConnectorCell, cellsOf } from '../../connectors/kit/connector-cells.ts';
import { type Connector, connectorSchema } from '../../definition/schema/connector.ts';

const MANIFESTS = new URL('../../connectors/manifests/', import.meta.url);

const INTRODUCTION = `# Connectors: reference

<!-- Generated from connectors/manifests by "npm run docs". -->

What ships, and what each connector can do with each object. A number is the records of a page or of a request; "lags" is how long a write may stay invisible to the search; "key" is how long
the API drops a second request with the same idempotency key; "window" reads what is new or changed since a time. What a cell says, \`syncline connector test NAME\` tries: its rows are in
[decisions/0028](decisions/0028-connector-kit.md). Each manifest has the page of the vendor's documentation that it follows beside each claim; what no page says is **unverified**, and listed here.

An API that is not here is described in a file of the project: [definitions.md](definitions.md#connectorsnameyaml).`;

/** docs/connectors.md. */
export function connectorsPage(): string {
  const names = readdirSync(MANIFESTS).map((file) => file.replace('.yaml', ''));
  return `${[INTRODUCTION, ...names.toSorted().flatMap(section)].join('\n')}\n`;
}

function section(name: string): readonly string[] {
  const text = readFileSync(new URL(`${name}.yaml`, MANIFESTS), 'utf8');
  const connector = connectorSchema.parse(parse(text, { merge: true }));
  const { description = name, docs } = connector;
  const about = `${description}.${docs === undefined ? '' : ` [Its documentation](${docs}).`}`;
  return ['', `## ${name}`, '', about, ...facts(connector), ...table(cellsOf(connector)), ...unverified(text)];
}

function facts({ auth, version, limits, webhooks, kind }: Connector): readonly string[] {
  if (kind === 'sqlite' || kind === 'postgres' || kind === 'files') return [];
  return [
    '',
    `- signs in: ${auth === undefined ? 'as the connection says' : auth.type}; version: ${versionWords(version)}`,
    `- requests: ${limitWords(limits).join(', ')}${limits?.concurrency === undefined ? '' : `, ${limits.concurrency} at once`}`,
    ...(webhooks?.events === undefined ? [] : [`- webhooks: ${[...new Set(webhooks.events.map(({ object }) => object))].join(', ')}`]),
  ];
}

function limitWords({ requests = [], endpoints = [], quota, cost }: NonNullable<Connector['limits']> = {}): readonly string[] {
  const windowWords = (windows: typeof requests) => windows.map(({ count, per }) => `${count} in ${per}`);
  const windows = windowWords(requests);
  const ofSome = endpoints.map(({ of, requests: some }) => {
    const paths = of.map(({ method = '', path = '' }) => `\`${`${method} ${path}`.trim()}\``);
    return `${windowWords(some).join(' and ')} to ${paths.join(' and ')}`;
  });
  const told = [
    ...(quota === undefined ? [] : [`in ${quota.per} what \`${quota.header}\` tells`]),
    ...(cost === undefined ? [] : ['points, as answers tell them']),
  ];
  return windows.length + told.length === 0 ? ['the pace is learned', ...ofSome] : [...windows, ...told, ...ofSome];
}

function versionWords(version: Connector['version']): string {
  if (version === undefined) return 'none is pinned';
  if ('inPaths' in version) return `${version.inPaths.map((step) => `\`${step}\``).join(', ')} in its paths`;
  return 'header' in version ? `\`${version.header}: ${version.value}\`` : `\`${version.path}\``;
}

function table(cells: readonly ConnectorCell[]): readonly string[] {
  const objects = [...new Set(cells.map(({ object }) => object))];
  if (objects.length === 0) return ['', 'The connection describes its objects.'];
  const shown = CELL_OPERATIONS.filter((operation) => cells.some((cell) => cell.operation === operation));
  const rows = objects.map((object) => {
    const words = shown.map((operation) => cells.find((cell) => cell.object === object && cell.operation === operation)?.words ?? '–');
    return `| ${object} | ${words.join(' | ')} |`;
  });
  return ['', `| object | ${shown.join(' | ')} |`, `| --- |${' --- |'.repeat(shown.length)}`, ...rows];
}

/** Comments of the manifest that say so, each with the lines that go on with it. */
function unverified(text: string): readonly string[] {
  const claims = [...text.matchAll(/^[ \t]*# unverified: (.*(?:\n[ \t]*# (?!https:|unverified:).*)*)/gm)].map(([, claim = '']) =>
    claim.replaceAll(/\n[ \t]*# /g, ' '),
  );
  return claims.length === 0 ? [] : ['', '**Unverified:**', '', ...claims.map((claim) => `- ${claim}`)];
}

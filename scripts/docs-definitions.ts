import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DEFINITION_KINDS, type DefinitionKind, definitionJsonSchema } from '../definition/json-schema.ts';
import { CONNECTOR_EXAMPLE } from './docs/connector-example.ts';
import { connectorsPage } from './docs/connectors-page.ts';
import { partsOf, section, table } from './docs/definition-tables.ts';
import { metricsPage } from './docs/metrics-page.ts';
import { nodeSchema, type SchemaNode } from './docs/schema-node.ts';

/** Writes docs/definitions.md from the schemas that also parse definitions, docs/metrics.md from what declares them, and docs/connectors.md from the manifests; `--check` fails where one is stale. */
const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../examples/crm-to-hubspot/', import.meta.url));

const PAGES: Readonly<Record<DefinitionKind, { readonly title: string; readonly about: string; readonly example: string }>> = {
  syncline: { title: 'syncline.yaml', about: 'The project.', example: exampleFile('syncline.yaml') },
  connection: {
    title: 'connections/NAME.yaml',
    about: 'A connector with an account. A connection without the chosen profile is an error: nothing falls back to another account.',
    example: exampleFile('connections/hubspot.yaml'),
  },
  sync: { title: 'syncs/NAME.yaml', about: 'One source object to one target object.', example: exampleFile('syncs/contacts-to-hubspot.yaml') },
  connector: {
    title: 'connectors/NAME.yaml',
    about: 'What is known about an API that ships with no connector. An object may also stand under `objects` of a connection.',
    example: CONNECTOR_EXAMPLE,
  },
};

const INTRODUCTION = `# Definitions: reference

<!-- Generated from definition/schema by "npm run docs". -->

A project is a folder: \`syncline.yaml\`, \`connections/*.yaml\`, \`syncs/*.yaml\`, and \`connectors/*.yaml\` for APIs that ship with no connector. One thing a file, named
after the file. \`syncline check\` finds all mistakes at once, with file, line and column; \`syncline schema KIND\` prints the JSON Schema for editors. Keys marked * are
required; unknown keys are errors.

**Secrets and settings.** \`\${secret:NAME}\` is a secret: from the environment, from \`.env\`, or from a file in \`SYNCLINE_SECRETS_DIR\`. It may stand in \`auth\`, \`headers\`, \`database\`,
\`channels\`, \`ledger\`, \`webhooks.secrets\` and \`listen.tokens\`, and is hidden wherever its value would appear. \`\${env:NAME}\` and \`\${env:NAME:-default}\` are plain settings; \`auth\` refuses them.

**Expressions and templates.** Keys that choose from an answer or a record hold an [expression](#expression). Paths, query values, headers and bodies are
[templates](#template).`;

for (const [name, text] of Object.entries({ 'definitions.md': render(), 'metrics.md': metricsPage(), 'connectors.md': connectorsPage() })) {
  const file = `${DOCS}${name}`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`docs/${name} is not what the code says: run "npm run docs".\n`);
    process.exitCode = 1;
  }
}

function render(): string {
  const schemas = DEFINITION_KINDS.map((kind) => ({ kind, schema: definitionJsonSchema(kind) }));
  const parts = new Map<string, SchemaNode>();
  for (const { schema } of schemas) {
    const definitions = z.record(z.string(), z.unknown()).parse(schema['$defs'] ?? {});
    for (const name of partsOf(schema)) if (!name.startsWith('__') && !parts.has(name)) parts.set(name, nodeSchema.parse(definitions[name]));
  }
  const pages = schemas.flatMap(({ kind, schema }) => {
    const { title, about, example } = PAGES[kind];
    return ['', `## ${title}`, '', about, '', '```yaml', example.trim(), '```', '', ...table(nodeSchema.parse(schema), parts)];
  });
  const sections = [...parts].toSorted(([one], [other]) => (one < other ? -1 : 1)).flatMap(([name, part]) => section(name, part, parts));
  return `${[INTRODUCTION, ...pages, '', '## Parts', ...sections].join('\n')}\n`;
}

function exampleFile(path: string): string {
  return readFileSync(`${EXAMPLES}${path}`, 'utf8');
}

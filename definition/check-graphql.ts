import { Kind, type OperationDefinitionNode, visit } from 'graphql/language';
import type { Endpoint } from './check-endpoint.ts';
import type { Page } from './check-expression.ts';
import { checkGraphqlPage, pageRuleOf, pageVariables } from './check-graphql-page.ts';
import { type GraphqlDocument, GraphqlProblem, readGraphql } from './graphql-document.ts';
import type { Mistake } from './mistake.ts';
import type { Path } from './yaml-file.ts';

/** Keys that say how an answer of REST is matched: a mutation is matched by its alias. */
const OF_REST = [['body'], ['format'], ['failures'], ['results', 'at'], ['results', 'by'], ['results', 'key']] as const;

/** The GraphQL document of an endpoint, and what stands beside it; variables without one. */
export function checkGraphql(page: Page, path: Path, endpoint: Endpoint): Mistake[] {
  const { file } = page;
  const { graphql } = endpoint;
  if (graphql === undefined) return checkStrangers(page, path, endpoint);
  try {
    const read = readGraphql(graphql);
    return [
      ...checkOperation(page, path, endpoint, read),
      ...checkVariables(page, path, endpoint, read),
      ...checkGraphqlPage(page, path, endpoint, read),
      ...OF_REST.flatMap((key) => {
        const isGiven = file.valueAt([...path, ...key]) !== undefined;
        return isGiven
          ? [
              file.mistake([...path, ...key], `${key.join('.')} is of REST: a GraphQL document is the body, and mutations are told apart by their aliases`, {
                at: 'key',
              }),
            ]
          : [];
      }),
    ];
  } catch (error) {
    if (!(error instanceof GraphqlProblem)) throw error;
    return [file.mistake([...path, 'graphql'], error.message, { position: error.position })];
  }
}

/** A query that needs no values. */
export function checkProbe({ file }: Page, path: Path, text: string | undefined): Mistake[] {
  if (text === undefined) return [];
  try {
    const { operation, variables } = readGraphql(text);
    if (operation.operation !== 'query') return [file.mistake(path, `expected a query, not a ${operation.operation}`, { position: operation.loc?.start })];
    return variables
      .filter(({ isRequired }) => isRequired)
      .map(({ name, position }) => file.mistake(path, `$${name} has no value: a probe has no variables`, { position }));
  } catch (error) {
    if (!(error instanceof GraphqlProblem)) throw error;
    return [file.mistake(path, error.message, { position: error.position })];
  }
}

/** What only a GraphQL document has. */
function checkStrangers({ file }: Page, path: Path, endpoint: Endpoint): Mistake[] {
  const rule = pageRuleOf(endpoint);
  const isVariable = rule !== undefined && 'in' in rule && rule.in === 'variables';
  return [
    ...(endpoint.variables === undefined ? [] : [file.mistake([...path, 'variables'], 'are of a GraphQL document: there is no `graphql` here', { at: 'key' })]),
    ...(isVariable ? [file.mistake([...path, 'page', 'in'], 'variables are of a GraphQL document: there is no `graphql` here')] : []),
    ...(rule?.type === 'graphql' ? [file.mistake([...path, 'page', 'type'], 'graphql is for a list that is asked for by a `graphql` document')] : []),
  ];
}

/** Lists and searches ask, writes change one thing: only then can they be put together, record by record. */
function checkOperation({ file }: Page, path: Path, endpoint: Endpoint, { operation, document }: GraphqlDocument): Mistake[] {
  const at = [...path, 'graphql'];
  const isWrite = 'applyDelay' in endpoint;
  const needed = isWrite ? 'mutation' : 'query';
  if (operation.operation !== needed) return [file.mistake(at, `expected a ${needed}, not a ${operation.operation}`, { position: operation.loc?.start })];
  if (!isWrite) return [];
  if (!hasOneField(operation))
    return [
      file.mistake(at, 'a write is a mutation of exactly one field: it is repeated under an alias for each record of a batch', {
        position: operation.selectionSet.loc?.start,
      }),
    ];
  const inFragments: (number | undefined)[] = [];
  visit(document, { FragmentDefinition: (fragment) => visit(fragment, { Variable: ({ loc }) => void inFragments.push(loc?.start) }) });
  return inFragments
    .slice(0, 1)
    .map((position) => file.mistake(at, 'a fragment of a write cannot use variables: each record of a batch has its own', { position }));
}

function hasOneField({ selectionSet: { selections } }: OperationDefinitionNode): boolean {
  return selections.length === 1 && selections[0]?.kind === Kind.FIELD;
}

/** Those that are declared, used, and given a value: by `variables`, or by the page rule. */
function checkVariables({ file }: Page, path: Path, endpoint: Endpoint, read: GraphqlDocument): Mistake[] {
  const at = [...path, 'graphql'];
  const known = read.variables.map(({ name }) => name);
  const given = Object.keys(endpoint.variables ?? {});
  const paged = pageVariables(pageRuleOf(endpoint));
  const undeclared = [...read.used].filter(([name]) => !known.includes(name));
  return [
    ...undeclared.map(([name, position]) => file.mistake(at, `$${name} is used and not declared`, { position, meant: { name, known } })),
    ...read.variables.flatMap(({ name, isRequired, type, position }) => {
      if (!read.used.has(name)) return [file.mistake(at, `$${name} is declared and not used: servers refuse that`, { position })];
      const isMissing = isRequired && !given.includes(name) && !paged.some((parameter) => parameter.name === name);
      return isMissing ? [file.mistake(at, `$${name} is ${type}, and has no value: give it one in \`variables\``, { position })] : [];
    }),
    ...[...given.map((name) => ({ name, place: ['variables', name] })), ...paged].flatMap(({ name, place }) => {
      if (known.includes(name)) return [];
      const orElse = known.length === 0 ? ', it declares none' : `, only ${known.map((one) => `$${one}`).join(', ')}`;
      return [
        file.mistake([...path, ...place], `the document declares no $${name}`, {
          at: place[0] === 'variables' ? 'key' : 'value',
          meant: { name, known, orElse },
        }),
      ];
    }),
  ];
}

import { checkTemplate, type KnownNames, type Page } from './check-expression.ts';
import { checkRequest } from './check-request.ts';
import { GraphqlProblem, readGraphql } from './graphql-document.ts';
import type { Mistake } from './mistake.ts';
import type { BulkRule } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

type JobRequest = Partial<Pick<BulkRule['poll'], 'graphql' | 'variables' | 'get' | 'post' | 'put' | 'patch' | 'delete' | 'query' | 'headers' | 'body'>>;

/** A request about a job: its templates, and its GraphQL document. @param names what the templates may insert */
export function checkJobRequest(page: Page, path: Path, request: JobRequest, names: KnownNames): Mistake[] {
  return [
    ...checkRequest(page, path, request, names),
    ...checkTemplate(page, [...path, 'variables'], request.variables, names),
    ...checkDocument(page, path, request),
  ];
}

function checkDocument({ file }: Page, path: Path, { graphql, variables = {} }: JobRequest): Mistake[] {
  const given = Object.keys(variables);
  if (graphql === undefined)
    return given.length === 0 ? [] : [file.mistake([...path, 'variables'], 'are of a GraphQL document: there is no `graphql` here', { at: 'key' })];
  try {
    const read = readGraphql(graphql);
    const known = read.variables.map(({ name }) => name);
    return [
      ...read.variables
        .filter(({ name, isRequired }) => isRequired && !given.includes(name))
        .map(({ name, type, position }) =>
          file.mistake([...path, 'graphql'], `$${name} is ${type}, and has no value: give it one in \`variables\``, { position }),
        ),
      ...given
        .filter((name) => !known.includes(name))
        .map((name) => file.mistake([...path, 'variables', name], `the document declares no $${name}`, { at: 'key', meant: { name, known } })),
    ];
  } catch (error) {
    if (!(error instanceof GraphqlProblem)) throw error;
    return [file.mistake([...path, 'graphql'], error.message, { position: error.position })];
  }
}

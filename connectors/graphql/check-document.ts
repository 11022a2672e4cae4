import { GraphqlProblem, readGraphql } from '../../definition/graphql-document.ts';
import { SyncError } from '../../engine/errors.ts';

/**
 * `check` finds such mistakes where they are written; a definition from elsewhere still fails with a sentence.
 * @param where names the endpoint: `acme.contacts.list`
 * @throws SyncError DEFINITION_INVALID where it is no document with one operation
 */
export function checkDocument(text: string, where: string): void {
  atEndpoint(where, () => readGraphql(text));
}

/** @throws SyncError DEFINITION_INVALID in the place of a GraphqlProblem */
export function atEndpoint<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GraphqlProblem)) throw error;
    throw new SyncError({
      code: 'DEFINITION_INVALID',
      retry: 'never',
      message: `${where}: the GraphQL document cannot be used: ${error.message}.`,
      cause: error,
    });
  }
}

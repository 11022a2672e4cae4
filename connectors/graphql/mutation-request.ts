import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import type { Json } from '../../engine/json.ts';
import { isJsonObject } from '../../engine/json.ts';
import { compileTemplate } from '../../engine/template.ts';
import { compileRequest } from '../rest/request-template.ts';
import { insertsEtag, recordVariables, type WriteRequest, withIdempotencyKey } from '../rest/write-request.ts';
import { compileAliasBatch } from './alias-batch.ts';
import { atEndpoint } from './check-document.ts';
import { classifyMutation } from './classify-answer.ts';

/** Compiles how a batch is written as one document: the mutation once for each record, under an alias of its own and with its own variables. */
export function compileMutationRequest(endpoint: WriteEndpoint & { readonly graphql: string }, matchOn: string, where: string): WriteRequest {
  const { graphql, post = '', query, headers, variables = {} } = endpoint;
  const request = compileRequest({ post, query, headers }, where);
  const aliases = atEndpoint(where, () => compileAliasBatch(graphql));
  const recordTemplate = compileTemplate(endpoint.record);
  const variablesTemplate = compileTemplate(variables);
  const scopeOf = recordVariables(endpoint, matchOn);

  return {
    method: request.method,
    insertsEtag: insertsEtag(endpoint),
    render: async ({ id, records }) => {
      const each: Readonly<Record<string, Json>>[] = [];
      for (const [index, record] of records.entries()) {
        const scope = scopeOf(record, index);
        const written = await recordTemplate.render(scope);
        const rendered = await variablesTemplate.render({ ...scope, record: written, batch: { id } });
        each.push(isJsonObject(rendered) ? rendered : {});
      }
      const [first] = records;
      const rendered = await request.render({ ...(first === undefined ? {} : scopeOf(first, 0)), batch: { id } });
      const body = { json: { query: aliases.textFor(records.length), variables: { ...aliases.variablesOf(each) } } };
      return withIdempotencyKey({ ...rendered, body, classify: classifyMutation }, endpoint, id);
    },
  };
}

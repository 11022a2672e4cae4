import type { GraphQLSchema } from 'graphql';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql/utilities';
import { z } from 'zod';
import type { HttpClient } from '../../http/http-client.ts';
import { brokenContract } from '../rest/broken-contract.ts';
import { classifyQuery } from './classify-answer.ts';

/** Without descriptions, which are most of it. The default depth of wrapped types is more than servers have, and some allow no more. */
const QUERY = getIntrospectionQuery({ descriptions: false });
const answerSchema = z.object({
  data: z.custom<IntrospectionQuery>((value) => typeof value === 'object' && value !== null && '__schema' in value),
});

/**
 * Asks an API for its schema (GraphQL specification, section 4).
 * @param path below the base address
 * @param where names the connection in errors
 * @returns undefined where it does not tell: many do so outside of development only
 * @throws SyncError CONTRACT_BROKEN where what it tells is no schema; what the request throws
 */
export async function readSchema(client: HttpClient, path: string, where: string, signal?: AbortSignal): Promise<GraphQLSchema | undefined> {
  const { answer, classification } = await client.send({
    method: 'POST',
    path,
    body: { json: { query: QUERY, variables: {} } },
    classify: classifyQuery,
    repeat: 'read',
    signal,
  });
  if (classification.class !== 'success') return undefined;
  const told = answerSchema.safeParse(answer.body);
  if (!told.success) return undefined;
  try {
    return buildClientSchema(told.data.data);
  } catch (error) {
    throw brokenContract(`${where}: the schema that it tells cannot be read.`, error);
  }
}

import { ENDPOINTS } from '../../definition/check-endpoint.ts';
import type { ConnectorObject } from '../../definition/schema/connector.ts';

/** Where the documents of an object are posted to; undefined where it has none. */
export function graphqlPath(object: ConnectorObject): string | undefined {
  const endpoint = ENDPOINTS.map((name) => object[name]).find((each) => each?.graphql !== undefined);
  return endpoint === undefined ? undefined : (endpoint.post ?? '');
}

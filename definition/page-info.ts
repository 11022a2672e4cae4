/**
 * Where a GraphQL answer keeps `pageInfo`, by where it keeps its records: both are of the same connection (Relay's Cursor Connections, section 2).
 * @returns undefined where the records are no `nodes` or `edges`
 */
export function pageInfoBeside(records: string): string | undefined {
  const [, connection] = /^\[?\s*([\w.]+?)\.(?:nodes|edges\b.*)$/.exec(records.trim()) ?? [];
  return connection === undefined ? undefined : `${connection}.pageInfo`;
}

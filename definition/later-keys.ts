/** What the definition language has and this version does not: told apart from typing mistakes. */
export const LATER_KEYS = {
  keys: new Set([
    'schedule', 'reconcile', 'alerts', 'conflict', 'delete', 'deletes', 'slices', 'dependsOn', 'priority', 'retry', 'channels', 'retention', 'ref', 'write', 'maxDeletes',
    'maxDeletedPercent', 'bulk', 'archive',
  ]),
  values: new Map<string, readonly string[]>([
    ['mode', ['insert', 'update', 'mirror', 'archive']],
    ['type', ['jwt', 'session-token', 'oauth2-authorization-code', 'graphql']],
    ['format', ['xml']],
  ]),
} as const;

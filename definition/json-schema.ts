import { z } from 'zod';
import { connectionSchema } from './schema/connection.ts';
import { connectorSchema } from './schema/connector.ts';
import { projectSchema } from './schema/project.ts';
import { syncSchema } from './schema/sync.ts';

export const DEFINITION_KINDS = ['syncline', 'connection', 'sync', 'connector'] as const;
export type DefinitionKind = (typeof DEFINITION_KINDS)[number];

export const DEFINITION_SCHEMAS = { syncline: projectSchema, connection: connectionSchema, sync: syncSchema, connector: connectorSchema } as const;

/** The JSON Schema (draft 2020-12) of what a user writes, for editors. */
export function definitionJsonSchema(kind: DefinitionKind): Record<string, unknown> {
  return { title: `Syncline ${kind}`, ...z.toJSONSchema(DEFINITION_SCHEMAS[kind], { io: 'input', unrepresentable: 'any' }) };
}

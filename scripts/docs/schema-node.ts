import { z } from 'zod';

/** As much of JSON Schema as zod writes. */
export const nodeSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.json().optional(),
  examples: z.array(z.json()).optional(),
  const: z.json().optional(),
  enum: z.array(z.json()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

export type SchemaNode = z.output<typeof nodeSchema>;

/** The name of the part that a node stands for; undefined where the node says itself what it is. */
export function partName(node: SchemaNode): string | undefined {
  return node.$ref?.split('/').at(-1);
}

/** The branches of a union that are mappings with keys of their own. */
export function objectBranches(node: SchemaNode): readonly SchemaNode[] {
  if (node.properties !== undefined) return [node];
  return branchesOf(node).filter((branch) => branch.properties !== undefined);
}

export function branchesOf(node: SchemaNode): readonly SchemaNode[] {
  return [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map((branch) => nodeSchema.parse(branch));
}

/** What a value may be, in words. */
export function kindOf(node: SchemaNode): string {
  const part = partName(node);
  if (part !== undefined) return part.startsWith('__') ? 'any value' : `[${part}](#${part})`;
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  const branches = branchesOf(node);
  if (branches.length > 0) return [...new Set(branches.map(kindOf))].join(' or ');
  if (node.type === 'array') return `list of ${node.items === undefined ? 'values' : kindOf(nodeSchema.parse(node.items))}`;
  if (node.type === 'object' && node.properties === undefined) {
    const values = nodeSchema.safeParse(node.additionalProperties);
    return values.success ? `mapping of ${kindOf(values.data)}` : 'mapping';
  }
  const types = [node.type ?? []].flat();
  return types.length === 0 ? 'any value' : types.map((type) => WORDS[type] ?? type).join(' or ');
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'mapping',
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  null: 'nothing',
};

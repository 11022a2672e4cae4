import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { branchesOf, kindOf, nodeSchema, objectBranches, partName, type SchemaNode } from './schema-node.ts';

/** The parts that have a section of their own, by name. */
export type Parts = ReadonlyMap<string, SchemaNode>;

const HEAD = ['| key | kind | default | meaning |', '| --- | --- | --- | --- |'];

/** The keys of a mapping, those of mappings inside it with their path. Parts that have a section of their own are linked, not repeated. */
export function table(node: SchemaNode, parts: Parts): string[] {
  const rows = rowsOf(node, '', parts);
  return rows.length === 0 ? [] : [...HEAD, ...new Set(rows)];
}

/** A part: one table, or one for each of its types. */
export function section(name: string, node: SchemaNode, parts: Parts): string[] {
  const types = branchesOf(node).flatMap((branch) => {
    const type = nodeSchema.safeParse(branch.properties?.['type']);
    return type.success && type.data.const !== undefined ? [{ branch, type: type.data }] : [];
  });
  const lines = ['', `### ${name}`, '', `${sentence(node.description ?? '')}${example(node)}`];
  if (types.length === 0) return [...lines, ...spaced(table(node, parts))];
  return [
    ...lines,
    ...types.flatMap(({ branch, type }) => {
      const { type: _, ...others } = branch.properties ?? {};
      return ['', `**\`type: ${String(type.const)}\`** ${sentence(type.description ?? '')}`, ...spaced(table({ ...branch, properties: others }, parts))];
    }),
  ];
}

/** The names of the parts that a node refers to, in the order in which they are met. */
export function partsOf(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = '$ref' in node && typeof node.$ref === 'string' ? [node.$ref.split('/').at(-1) ?? ''] : [];
  return [...own, ...Object.values(node).flatMap(partsOf)];
}

function rowsOf(node: SchemaNode, path: string, parts: Parts): string[] {
  return objectBranches(node).flatMap((branch) =>
    Object.entries(branch.properties ?? {}).flatMap(([name, value]) => {
      const inner = nodeSchema.parse(value);
      const isRequired = branch.required?.includes(name) === true && inner.default === undefined;
      const { meaning, fallback } = meaningOf(inner, parts);
      const cells = [`\`${path}${name}\`${isRequired ? ' *' : ''}`, kindOf(inner), fallback, `${sentence(meaning)}${example(inner)}`];
      return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`, ...innerRows(inner, `${path}${name}`, parts)];
    }),
  );
}

/** Defaults that are applied where a run is put together stand at the end of a description: they go into the column of defaults. */
function meaningOf(node: SchemaNode, parts: Parts): { readonly meaning: string; readonly fallback: string } {
  const description = node.description ?? parts.get(partName(node) ?? '')?.description ?? '';
  if (node.default !== undefined && !isEmpty(node.default)) return { meaning: description, fallback: `\`${text(node.default)}\`` };
  const [, meaning = description, fallback] = /^(.*); default (\S+)$/.exec(description) ?? [];
  return { meaning, fallback: fallback === undefined ? '' : `\`${fallback}\`` };
}

function innerRows(node: SchemaNode, path: string, parts: Parts): string[] {
  if (partName(node) !== undefined) return [];
  const values = nodeSchema.safeParse(node.additionalProperties);
  const items = nodeSchema.safeParse(node.items);
  return [
    ...rowsOf(node, `${path}.`, parts),
    ...(node.type === 'object' && values.success ? innerRows(values.data, `${path}.NAME`, parts) : []),
    ...(node.type === 'array' && items.success ? innerRows(items.data, `${path}[]`, parts) : []),
  ];
}

function sentence(description: string): string {
  return description === '' || description.endsWith('.') ? description : `${description}.`;
}

function example({ examples }: SchemaNode): string {
  return examples === undefined ? '' : ` For example ${examples.map((value) => `\`${text(value)}\``).join(', ')}`;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** As it would stand in a file. */
function text(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${inner(key)}: ${inner(part)}`)
    .join(', ')} }`;
}

/** In brackets a text that YAML reads as something else is in quotes. */
function inner(value: unknown): string {
  if (typeof value !== 'string') return text(value);
  return isPlain(value) ? value : JSON.stringify(value);
}

function isPlain(value: string): boolean {
  try {
    return value !== '' && isDeepStrictEqual(parse(`{ a: ${value}, b: [${value}] }`), { a: value, b: [value] });
  } catch {
    return false;
  }
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

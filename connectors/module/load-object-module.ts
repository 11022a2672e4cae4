import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import type { ObjectModule } from './object-module.ts';

type ModuleRule = NonNullable<ConnectorObject['module']>;

const functionSchema = z.custom<(...args: readonly unknown[]) => unknown>((value) => typeof value === 'function', 'must be a function');
const writeSchema = z.looseObject({ maxRecords: z.int().positive(), send: functionSchema });
/** By what is offered: where it stands among the exports, and what it is. */
const PARTS = {
  list: ['readPage', functionSchema],
  get: ['readOne', functionSchema],
  search: ['search', functionSchema],
  create: ['create', writeSchema],
  update: ['update', writeSchema],
  upsert: ['upsert', writeSchema],
  delete: ['delete', writeSchema],
} as const;

/**
 * Loads the code of an object, once for this process.
 * @param directory the project's folder
 * @param where names the object in errors: `acme.contacts`
 * @throws SyncError DEFINITION_INVALID where it cannot be loaded, or lacks what it is to offer
 */
export function loadObjectModule(directory: string, { from, offers }: ModuleRule, where: string): ObjectModule {
  const exported = exportsOf(directory, from, where);
  for (const offer of offers) {
    const [name, schema] = PARTS[offer];
    const found = schema.safeParse(exported[name]);
    if (found.success) continue;
    const why =
      exported[name] === undefined ? 'it is not there' : found.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ');
    throw invalid(
      `${where}: ${from} is to offer ${offer}, and its default export has no such \`${name}\`: ${why}. Write it, or take ${offer} from \`module.offers\`.`,
    );
  }
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- its parts were looked at; what they do with what they are given is theirs
  return exported as ObjectModule;
}

function exportsOf(directory: string, from: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const loaded: unknown = createRequire(join(directory, 'syncline.yaml'))(from);
    const { default: exported = loaded } = z.looseObject({}).parse(loaded);
    return z.looseObject({}).parse(exported);
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it exports no object by default' : firstLine(error);
    throw invalid(`${where}: ${from} cannot be loaded: ${why}. It is a file seen from the project folder, or a package that is installed there.`, error);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}

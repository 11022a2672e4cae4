import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { parseDocument } from '../../definition/parse-document.ts';
import { SyncError } from '../../engine/errors.ts';

const documentSchema = z.looseObject({
  openapi: z.string().optional().catch(undefined),
  swagger: z.string().optional().catch(undefined),
  paths: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})),
});

/** An OpenAPI or Swagger document, as far as it is looked at. */
export type ApiDocument = z.output<typeof documentSchema>;

/**
 * Reads the document that a connection names.
 * @param directory what its name is relative to
 * @throws SyncError DEFINITION_INVALID where there is none, or it is none
 */
export function readDocument(file: string, directory: string, connection: string): ApiDocument {
  const parsed = parseDocument(readText(file, directory, connection));
  if ('problem' in parsed) throw invalid(`${connection}: ${file}, its OpenAPI document, cannot be read: ${parsed.problem}.`);
  const document = documentSchema.safeParse(parsed.value);
  if (document.success && (document.data.openapi ?? document.data.swagger) !== undefined) return document.data;
  throw invalid(`${connection}: ${file} is no OpenAPI document: it has no "openapi" (or "swagger") with its version, or no "paths".`);
}

function readText(file: string, directory: string, connection: string): string {
  try {
    return readFileSync(isAbsolute(file) ? file : join(directory, file), 'utf8');
  } catch (cause) {
    throw invalid(`${connection}: there is no ${file}, which \`openapi\` names from the project folder, or it cannot be read.`, cause);
  }
}

function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}

import type { Page, SourceRecord } from '../ports.ts';
import { type FieldParts, merged } from './field-parts.ts';
import type { PageRead } from './walk-pages.ts';

/**
 * Reads each page once for each part of the fields that one request takes, side by side, and puts the parts of a record together by its key. The first part says which records
 * there are, and where the next page is.
 * @param where names the endpoint in errors
 */
export function walkFields(
  partsOf: FieldParts,
  readPage: (read: PageRead) => Promise<Page>,
  where: string,
  warn: (message: string) => void,
): (read: PageRead) => Promise<Page> {
  return async (read) => {
    if (read.given !== undefined) return readPage(read);
    const parts = await partsOf();
    const [only = []] = parts;
    if (parts.length < 2) return readPage({ ...read, fieldNames: only });
    // One part may be as it was where another is not.
    const { validators: _, ...asked } = read;
    const [{ validators: __, ...first }, ...others] = await Promise.all([
      readPage({ ...asked, fieldNames: only }),
      ...parts.slice(1).map((fieldNames) => readPage({ ...asked, fieldNames })),
    ]);
    const { records, lacking } = joined(first.records, others);
    if (lacking)
      warn(
        `${where}: some records are not on the same page for all of their fields, so some of their fields were not read: give the list an order of its own.`,
      );
    return { ...first, records, bytes: [first, ...others].reduce((sum, { bytes }) => sum + bytes, 0) };
  };
}

function joined(records: readonly SourceRecord[], others: readonly Page[]): { readonly records: readonly SourceRecord[]; readonly lacking: boolean } {
  const parts = others.map((page) => new Map(page.records.map(({ key, fields }) => [key, fields])));
  let lacking = false;
  const whole = records.map(({ key, fields }) => {
    const found = parts.map((part) => part.get(key)).filter((part) => part !== undefined);
    if (found.length < parts.length) lacking = true;
    return { key, fields: found.reduce(merged, fields) };
  });
  return { records: whole, lacking };
}

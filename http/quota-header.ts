import type { QuotaFacts } from './told-quota.ts';

/** How a header of answers tells a quota. */
export interface QuotaHeader {
  readonly header: string;
  /** The text around `{used}`, `{remaining}` and `{count}`, which are numbers. */
  readonly format: string;
  readonly perMs: number;
}

/** @returns a function that reads it; undefined where an answer does not tell it */
export function compileQuotaHeader({ header, format, perMs }: QuotaHeader): (headers: Readonly<Record<string, string>>) => QuotaFacts | undefined {
  const name = header.toLowerCase();
  const places = format.split(/\{(used|remaining|count)\}/);
  const pattern = places.map((part, index) => (index % 2 === 0 ? part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : `(?<${part}>\\d+)`)).join('');
  // Not the end of another name: `per-app-api-usage` is none of `api-usage`.
  const written = new RegExp(`(?<![\\w-])${pattern}(?!\\d)`);
  return (headers) => {
    const { used, remaining, count } = written.exec(headers[name] ?? '')?.groups ?? {};
    const left = remaining ?? (used === undefined || count === undefined ? undefined : Number(count) - Number(used));
    return left === undefined ? undefined : { left: Number(left), count: count === undefined ? undefined : Number(count), perMs };
  };
}

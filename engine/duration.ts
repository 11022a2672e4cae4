const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNIT_BYTES = { B: 1, KB: 1_000, MB: 1_000_000, GB: 1_000_000_000 } as const;

/** `5m`, `10s`, `1d`, `250ms` in milliseconds; undefined where the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2] as keyof typeof UNIT_MS; // the expression allows only these
  return Number(match[1]) * UNIT_MS[unit];
}

/** `1MB`, `500KB` in bytes (decimal units); undefined where the text is not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|KB|MB|GB)$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2] as keyof typeof UNIT_BYTES; // the expression allows only these
  return Math.floor(Number(match[1]) * UNIT_BYTES[unit]);
}

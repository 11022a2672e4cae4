import type { Theme } from './theme.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` columns, filled to eighths of one. `share` is 0 to 1. */
export function progressBar(share: number, width: number, theme: Theme): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = Math.floor(eighths / 8);
  const part = EIGHTHS[eighths % 8] ?? '';
  const filled = '█'.repeat(full) + part;
  return theme.good(filled) + theme.faint('░'.repeat(width - full - (part === '' ? 0 : 1)));
}

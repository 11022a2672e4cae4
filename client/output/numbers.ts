/** `5,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `0 %`, `1.2 %`, `45 %`; never `100 %` or `0 %` for what is not quite that. */
export function formatPercent(part: number, whole: number): string {
  if (whole <= 0) return '0 %';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return '<0.1 %';
  if (part < whole && percent > 99.9) return '>99.9 %';
  return `${percent < 10 && percent !== Math.round(percent) ? percent.toFixed(1) : Math.floor(percent)} %`;
}

/** Records a second: `0.4/s`, `87/s`, `12,400/s`. */
export function formatRate(count: number, ms: number): string {
  if (ms <= 0) return '–';
  const perSecond = count / (ms / 1000);
  return `${perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;
}

/** On the disk: `0.4 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

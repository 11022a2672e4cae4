/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly bound: string;
  readonly isMet: boolean;
}

export function atLeast(what: string, value: number, bound: number, detail = ''): Figure {
  return { what, measured: `${shown(value)}  ${detail}`.trim(), bound: `at least ${bound}`, isMet: value >= bound };
}

export function atMost(what: string, value: number, bound: number, detail = ''): Figure {
  return { what, measured: `${shown(value)}  ${detail}`.trim(), bound: `at most ${bound}`, isMet: value <= bound };
}

/** No bound was set for it. */
export function told(what: string, measured: string): Figure {
  return { what, measured, bound: '', isMet: true };
}

/** What could not be measured is missed. */
export function broken(what: string, error: unknown): Figure {
  const [sentence = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return { what, measured: sentence, bound: 'to be measured', isMet: false };
}

export function perSecond(records: number, seconds: number): string {
  return `${counted(records / seconds)}/s`;
}

export function counted(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value < 0.1 ? value.toFixed(4) : value.toFixed(2);
}

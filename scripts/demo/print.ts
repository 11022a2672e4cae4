import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const isColoured = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;

export function paint(style: Style, text: string): string {
  return isColoured ? styleText(style, text) : text;
}

export function heading(text: string): void {
  process.stdout.write(`\n${paint('bold', text)}\n\n`);
}

/** One aligned line: what, and what came of it. */
export function done(what: string, detail: string): void {
  process.stdout.write(`${process.stdout.isTTY === true ? '\r\u001b[2K' : ''}  ${paint('green', '✓')} ${what.padEnd(18)} ${detail}\n`);
}

export function note(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

export function failed(what: string, detail: string): void {
  process.stdout.write(`  ${paint('red', '✗')} ${what.padEnd(18)} ${detail}\n`);
}

/** A line that the next one replaces, in a terminal. */
export function progress(text: string): void {
  process.stdout.write(process.stdout.isTTY === true ? `\r\u001b[2K  ${text}` : `  ${text}\n`);
}

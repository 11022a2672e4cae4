import type { Output } from '../output/output.ts';
import { clean, pad, wrap } from '../output/text.ts';
import { formatClock, formatDay } from '../output/times.ts';
import type { LogEvent } from './log-event.ts';

const EVENT_WIDTH = 16;
const RUN_WIDTH = 12;
const MARGIN = 12 + 2 + RUN_WIDTH + 2 + EVENT_WIDTH + 2;
const NARROWEST = 40;

/** Prints events as they come: a line each, or an object of NDJSON; a day above its first. */
export class LogPrinter {
  readonly #out: Output;
  #day = '';

  constructor(out: Output) {
    this.#out = out;
  }

  print(events: readonly LogEvent[]): void {
    for (const { at, event, runId, text, tone, below = [], details } of events) {
      this.#out.event({ at: new Date(at).toISOString(), event, ...(runId === undefined ? {} : { run: runId }), text: clean(text), ...details });
      this.#line({ at, event, runId, text, tone });
      for (const line of below) this.#out.print(`${' '.repeat(MARGIN)}${this.#out.theme.faint(clean(line))}`);
    }
  }

  #line({
    at,
    event,
    runId = '',
    text,
    tone,
  }: Pick<LogEvent, 'at' | 'event' | 'text'> & { readonly runId: string | undefined; readonly tone: LogEvent['tone'] }): void {
    const { theme, width, isScreen } = this.#out;
    const day = formatDay(at);
    if (day !== this.#day) this.#out.print(theme.strong(day));
    this.#day = day;
    // What is searched through stays on its line.
    const [first = '', ...rest] = isScreen ? wrap(clean(text), Math.max(NARROWEST, width - MARGIN)) : [clean(text)];
    const name = pad(clean(event), EVENT_WIDTH);
    const painted = tone === undefined ? name : theme[tone](name);
    this.#out.print(`${formatClock(at)}  ${theme.faint(pad(runId, RUN_WIDTH))}  ${painted}  ${first}`.trimEnd());
    for (const line of rest) this.#out.print(`${' '.repeat(MARGIN)}${line}`);
  }
}

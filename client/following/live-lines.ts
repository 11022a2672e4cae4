import type { Output } from '../output/output.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[0J';

/** Lines in a terminal, drawn over the ones before. None may be wider than the terminal. */
export class LiveLines {
  readonly #output: Output;
  #drawn = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    this.#output.draw(`${HIDE_CURSOR}${this.#rewind()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** Takes them away, and leaves the terminal as it should be. */
  end(): void {
    this.#output.draw(`${this.#rewind()}${SHOW_CURSOR}`);
    this.#drawn = 0;
  }

  #rewind(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r${CLEAR_BELOW}`;
  }
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Whatever is followed, as a few lines in a terminal, drawn over again and again. */
export class LiveView<Snapshot> {
  readonly #lines: LiveLines;
  readonly #linesOf: (snapshot: Snapshot, spinner: string) => readonly string[];
  #frame = 0;

  constructor(output: Output, linesOf: (snapshot: Snapshot, spinner: string) => readonly string[]) {
    this.#lines = new LiveLines(output);
    this.#linesOf = linesOf;
  }

  update(snapshot: Snapshot): void {
    this.#frame += 1;
    this.#lines.draw(this.#linesOf(snapshot, SPINNER[this.#frame % SPINNER.length] ?? ''));
  }

  end(): void {
    this.#lines.end();
  }
}

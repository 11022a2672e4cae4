import { emitKeypressEvents, type Key } from 'node:readline';
import type { Output } from '../output/output.ts';
import { cutStyled } from '../output/text.ts';

/** The other screen of the terminal, without a cursor and without wrapping; both are as before when it is left. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** What comes between is shown at once, by terminals that know it; the others draw over line by line, and erase only what a line leaves. */
const BEGIN = '\u001b[?2026h\u001b[H';
const END = '\u001b[0J\u001b[?2026l';
const ERASE_REST = '\u001b[0K';

export interface ScreenUser {
  /** `q`, `up`, `return`, `ctrl-c`, … */
  onKey(name: string): void;
  onResize(): void;
}

/** The whole terminal, until it is left: by a call, at the end of the process, or where an error ends it. */
export class Screen {
  readonly #output: Output;
  readonly #user: ScreenUser;
  #isOpen = false;

  constructor(output: Output, user: ScreenUser) {
    this.#output = output;
    this.#user = user;
  }

  open(): void {
    this.#isOpen = true;
    this.#output.raw(ENTER);
    process.on('exit', this.#close);
    // Before its last words: on the other screen they would be lost.
    process.on('uncaughtExceptionMonitor', this.#close);
    process.stdout.on('resize', this.#resized);
    if (process.stdin.isTTY) {
      emitKeypressEvents(process.stdin);
      process.stdin.setRawMode(true);
      process.stdin.on('keypress', this.#pressed).resume();
    }
  }

  /** Draws a frame of the size of the terminal: what is too wide is cut, what is too high is left out. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const { rows, columns } = this.#output.size;
    const shown = lines.slice(0, rows).map((line) => `${cutStyled(line, columns)}${ERASE_REST}`);
    this.#output.raw(`${BEGIN}${shown.join('\r\n')}${END}`);
  }

  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#close);
    process.off('uncaughtExceptionMonitor', this.#close);
    process.stdout.off('resize', this.#resized);
    process.stdin.off('keypress', this.#pressed);
    if (process.stdin.isTTY) process.stdin.setRawMode(false).pause();
    this.#output.raw(LEAVE);
  };

  readonly #resized = (): void => this.#user.onResize();

  readonly #pressed = (text: string | undefined, key: Key): void => {
    const name = key.name ?? text ?? '';
    this.#user.onKey(key.ctrl === true ? `ctrl-${name}` : name);
  };
}

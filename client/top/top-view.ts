import { clean, textWidth } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatClock } from '../output/times.ts';
import { renderFrame } from './render-frame.ts';
import type { TopFrame, TopRun } from './top-frame.ts';

const PAGE = 10;

export interface ViewSize {
  readonly rows: number;
  readonly columns: number;
}

/** What a key asks for, beyond the view itself. */
export type KeyWish = { readonly wish: 'quit' } | { readonly wish: 'pause' | 'resume'; readonly sync: string } | undefined;

/** What is on the screen: the frame, which run is chosen, how far it is scrolled, what is asked or told at the bottom. Knows no terminal. */
export class TopView {
  readonly #theme: Theme;
  readonly #command: (words: string) => string;
  #frame: TopFrame | undefined;
  #chosen: string | undefined;
  #scrolled = 0;
  /** The chosen run was chosen last, not the place: it is kept in sight. */
  #isFollowing = false;
  #question: { readonly wish: 'pause' | 'resume'; readonly sync: string } | undefined;
  #told = '';

  /** @param command one of ours to be copied, see `Cli.command` */
  constructor(theme: Theme, command: (words: string) => string) {
    this.#theme = theme;
    this.#command = command;
  }

  show(frame: TopFrame): void {
    this.#frame = frame;
    if (!frame.runs.some(({ run }) => run.id === this.#chosen)) this.#chosen = frame.runs[0]?.run.id;
  }

  /** At the bottom, until the next key. */
  tell(words: string): void {
    this.#told = clean(words);
  }

  press(key: string): KeyWish {
    if (key === 'ctrl-c') return { wish: 'quit' };
    const question = this.#question;
    this.#question = undefined;
    this.#told = '';
    if (question !== undefined) return key === 'y' ? question : undefined;
    switch (key) {
      case 'q':
      case 'escape':
        return { wish: 'quit' };
      case 'up':
      case 'k':
        this.#choose(-1);
        return undefined;
      case 'down':
      case 'j':
        this.#choose(1);
        return undefined;
      case 'pageup':
        this.#scroll(-PAGE);
        return undefined;
      case 'pagedown':
        this.#scroll(PAGE);
        return undefined;
      case 'p':
        this.#ask();
        return undefined;
      default:
        return undefined;
    }
  }

  lines({ rows, columns }: ViewSize): readonly string[] {
    const theme = this.#theme;
    if (this.#frame === undefined) return [theme.faint('Looking …')];
    const { lines, chosenLine } = renderFrame(this.#frame, theme, this.#chosen);
    const room = Math.max(1, rows - 3);
    if (this.#isFollowing && chosenLine !== undefined) this.#scrolled = Math.min(chosenLine, Math.max(this.#scrolled, chosenLine - room + 1));
    this.#scrolled = Math.min(this.#scrolled, Math.max(0, lines.length - room));
    const body = lines.slice(this.#scrolled, this.#scrolled + room);
    const filling = Array.from({ length: room - body.length }, () => '');
    return [headLine(this.#frame, columns, theme), '', ...body, ...filling, this.#footLine(lines.length - this.#scrolled - body.length)];
  }

  get #run(): TopRun | undefined {
    return this.#frame?.runs.find(({ run }) => run.id === this.#chosen);
  }

  #scroll(by: number): void {
    this.#isFollowing = false;
    this.#scrolled = Math.max(0, this.#scrolled + by);
  }

  #choose(step: number): void {
    this.#isFollowing = true;
    const runs = this.#frame?.runs ?? [];
    const at = runs.findIndex(({ run }) => run.id === this.#chosen);
    this.#chosen = runs[Math.max(0, Math.min(runs.length - 1, at + step))]?.run.id;
  }

  #ask(): void {
    const chosen = this.#run;
    if (chosen === undefined) this.#told = 'Nothing runs that could be paused.';
    else if (chosen.run.options.window !== undefined) this.#told = `This is a window of a backfill: ${this.#command(`pause ${chosen.sync} --backfill`)}`;
    else this.#question = { wish: chosen.run.control.paused ? 'resume' : 'pause', sync: chosen.sync };
  }

  #footLine(hidden: number): string {
    const theme = this.#theme;
    if (this.#question !== undefined) return theme.warning(`${this.#question.wish === 'pause' ? 'Pause' : 'Resume'} ${this.#question.sync}? y/N`);
    if (this.#told !== '') return theme.warning(this.#told);
    const pause = this.#run?.run.control.paused === true ? 'resume' : 'pause';
    const keys = ['q quit', ...(this.#run === undefined ? [] : ['↑↓ choose', `p ${pause}`]), ...(hidden > 0 || this.#scrolled > 0 ? ['PgUp PgDn scroll'] : [])];
    return theme.faint(keys.join('   '));
  }
}

function headLine({ place, at, runs, work }: TopFrame, columns: number, theme: Theme): string {
  const speed = runs.reduce((sum, { recordsPerSecond = 0 }) => sum + recordsPerSecond, 0);
  const sum = runs.length === 0 ? '' : `${Math.round(speed).toLocaleString('en-US')} records/s in all`;
  const start = `${theme.strong('syncline top')}  ${place}  ${theme.faint(sum)}`;
  const end = `${work?.trouble === undefined ? '' : `${theme.bad('Temporal?')}  `}${formatClock(at).slice(0, 8)}`;
  return `${start}${' '.repeat(Math.max(2, columns - textWidth(start) - textWidth(end)))}${end}`;
}

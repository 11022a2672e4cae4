import { type CalendarUnit, wholeBound } from '../../engine/calendar.ts';
import type { Page, ReadSlice, ReadWindow } from '../ports.ts';
import type { PageRead } from './walk-pages.ts';

/** Asks for whole days, weeks or months only. What lies outside of the window and comes with it is read once more, and counts once. */
export function readWholes(unit: CalendarUnit, readPage: (read: PageRead) => Promise<Page>): (read: PageRead) => Promise<Page> {
  return (read) => readPage({ ...read, window: widened(unit, read.window), ...(read.slice === undefined ? {} : { slice: widenedSlice(unit, read.slice) }) });
}

function widened(unit: CalendarUnit, { from, to }: ReadWindow): ReadWindow {
  return {
    ...(from === undefined ? {} : { from: String(wholeBound(unit, 'from', from)) }),
    ...(to === undefined ? {} : { to: String(wholeBound(unit, 'to', to)) }),
  };
}

function widenedSlice(unit: CalendarUnit, { from, to, ...slice }: ReadSlice): ReadSlice {
  return {
    ...slice,
    ...(from === undefined ? {} : { from: wholeBound(unit, 'from', from) }),
    ...(to === undefined ? {} : { to: wholeBound(unit, 'to', to) }),
  };
}

import { Output } from '../../client/output/output.ts';
import { Screen } from '../../client/top/screen.ts';

/** Draws a frame, and dies by an error of its own at the next key. */
const { stdout, stderr, env } = process;
const output = new Output({ stdout, stderr, isJson: false, isQuiet: false, isColorRefused: true, env });
const screen = new Screen(output, {
  onResize: () => undefined,
  onKey: () => {
    throw new Error('a defect of ours');
  },
});
screen.open();
screen.draw(['drawn']);

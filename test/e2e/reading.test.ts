import { forgottenCursors } from './reading/cursors.ts';
import { doubtfulSlices } from './reading/doubtful-slices.ts';
import { increments } from './reading/increments.ts';
import { slices } from './reading/slices.ts';

// In one file: each would cost the start of a process.
slices();
doubtfulSlices();
forgottenCursors();
increments();

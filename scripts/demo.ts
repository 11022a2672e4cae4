import { parseArgs } from 'node:util';
import { runDemo } from './demo/run-demo.ts';

/** `npm run demo`: the main job for real, killed in the middle, checked record by record. `-- --keep` leaves all up. */
const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, contacts: { type: 'string', default: '5000' } } });
try {
  // Programs that are kept up hold pipes to this one: it ends all the same.
  process.exit(await runDemo({ isKept: values.keep, contacts: Number(values.contacts) }));
} catch (error) {
  process.stderr.write(`\n  ✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** The run that a person means by an id, a unique beginning of one, or `last`. @throws CliError where it is none or several */
export async function findRun(cli: Cli, words: string): Promise<Run> {
  const project = await cli.session.project();
  const ledger = await cli.session.ledger();
  const prefix = words === 'last' || words.startsWith('r_') ? words : `r_${words}`;
  // The id takes no wildcard: what a person types is looked up literally.
  const found = /^(last|r_[0-9a-z]*)$/.test(prefix) ? await ledger.findRuns(`${project.name}/${project.profile}/`, prefix) : [];
  const [run, ...others] = found;
  if (run === undefined) {
    const what = words === 'last' ? 'Nothing has run here yet.' : `There is no run "${words}" in ${project.name}/${project.profile}.`;
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_RUN', message: `${what} See "${cli.command('status')}".` });
  }
  if (others.length === 0) return run;
  const ids = found.map((one) => one.id).join(', ');
  throw new CliError({ exitCode: EXIT.usage, code: 'AMBIGUOUS_RUN', message: `Several runs begin with "${words}": ${ids}. Type more of the id.` });
}

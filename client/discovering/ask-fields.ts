import { writableFields } from '../../engine/automap/automap.ts';
import { type ProposedRule, proposedRule } from '../../engine/automap/proposed-rule.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { clean, cut } from '../output/text.ts';

/** A mapping that may be added. */
export interface Choice {
  readonly target: string;
  readonly rule: ProposedRule;
  /** Behind it, for people. */
  readonly words: string;
  readonly isSure: boolean;
}

const SHOWN_LINES = 15;
const DONE = '';

/** Asks which of the mappings to add: what is sure is ticked. @throws CliError (exit 130) on Ctrl-C */
export async function askWhich(cli: Cli, choices: readonly Choice[]): Promise<readonly Choice[]> {
  // Loaded here: it is needed for questions alone.
  const { default: checkbox } = await import('@inquirer/checkbox');
  return answered(() =>
    checkbox(
      {
        message: 'Which of these to add?',
        pageSize: SHOWN_LINES,
        loop: false,
        choices: choices.map((choice) => ({
          value: choice,
          name: `${clean(choice.target)} from ${clean(choice.rule.from)}  ${cli.out.noteTheme.faint(cut(clean(choice.words), 60))}`,
          short: clean(choice.target),
          checked: choice.isSure,
        })),
      },
      contextOf(cli),
    ),
  );
}

/** Lets a person choose further target fields from those that are known, and for each its source field. @throws CliError (exit 130) on Ctrl-C */
export async function askMore(
  cli: Cli,
  { source, target, mapped }: { readonly source: readonly FieldFacts[]; readonly target: readonly FieldFacts[]; readonly mapped: readonly string[] },
): Promise<readonly Choice[]> {
  const { default: search } = await import('@inquirer/search');
  const chosen: Choice[] = [];
  for (;;) {
    const open = writableFields(target, [...mapped, ...chosen.map((choice) => choice.target)]);
    if (open.length === 0) return chosen;
    const ask = (message: string, fields: readonly FieldFacts[], none: string) =>
      answered(() => search({ message, pageSize: SHOWN_LINES, source: (term) => listed(fields, term, none) }, contextOf(cli)));
    const to = await ask('Another field of the target? (type to search)', open, 'no, that is all');
    const wanted = open.find(({ name }) => name === to);
    if (wanted === undefined) return chosen;
    const from = await ask(`From which field does ${clean(wanted.name)} get its values?`, source, 'none of these');
    const given = source.find(({ name }) => name === from);
    if (given !== undefined) chosen.push({ target: wanted.name, rule: proposedRule(given, wanted), words: 'chosen', isSure: true });
  }
}

function listed(fields: readonly FieldFacts[], term: string | undefined, none: string) {
  const wanted = (term ?? '').trim().toLowerCase();
  const fitting = fields.filter(({ name, label = '' }) => `${name} ${label}`.toLowerCase().includes(wanted));
  const choices = fitting.map(({ name, label, type, isRequired = false }) => {
    const words = [label, type, isRequired ? 'required' : undefined].filter((word) => word !== undefined).join(', ');
    return { value: name, name: `${clean(name)}${words === '' ? '' : `  (${cut(clean(words), 60)})`}`, short: clean(name) };
  });
  return wanted === '' ? [{ value: DONE, name: none, short: none }, ...choices] : [...choices, { value: DONE, name: none, short: none }];
}

function contextOf(cli: Cli) {
  return { input: cli.shell.stdin, output: cli.shell.stderr, signal: cli.interrupted() };
}

async function answered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (cause) {
    const isEnded = cause instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(cause.name);
    if (!isEnded) throw cause;
    throw new CliError({ exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'Interrupted: nothing was changed.', cause });
  }
}

import jsonata from 'jsonata';
import { ExpressionError } from './expression-error.ts';

/** Holds the fixed time of an evaluation; the colon keeps it out of reach of expressions. */
export const INSTANT_BINDING = 'syncline:instant';

const NAMES: readonly string[] = ['now', 'millis', 'toMillis'];

const formatInstant = jsonata('$fromMillis($instant, $picture, $zone)');
const parseInstant = jsonata('($holdTime($instant); $toMillis($text, $picture))');
parseInstant.registerFunction('holdTime', function holdTime(this: jsonata.Focus, instantMs: number) {
  this.environment.timestamp.setTime(instantMs);
});

/**
 * Takes the clock from an expression that uses `$now`, `$millis` or `$toMillis`: they go by the time bound as INSTANT_BINDING. Without one, `$now` and
 * `$millis` fail, and
 * what a picture of `$toMillis` leaves out comes from 1970-01-01.
 */
export function fixTime(expression: jsonata.Expression, source: string, variables: readonly string[]): void {
  if (!variables.some((name) => NAMES.includes(name))) return;
  const instantOf = (focus: jsonata.Focus): number | undefined => {
    const instant: unknown = focus.environment.lookup(INSTANT_BINDING);
    return typeof instant === 'number' ? instant : undefined;
  };
  const mustHave = (focus: jsonata.Focus, name: string): number => {
    const instant = instantOf(focus);
    if (instant === undefined) throw new ExpressionError({ message: `$${name}() has no time to tell here; take the time from the record instead`, source });
    return instant;
  };
  expression.registerFunction(
    'millis',
    function millis(this: jsonata.Focus) {
      return mustHave(this, 'millis');
    },
    '<:n>',
  );
  expression.registerFunction(
    'now',
    function now(this: jsonata.Focus, picture?: string, zone?: string) {
      return formatInstant.evaluate(undefined, { instant: mustHave(this, 'now'), picture, zone });
    },
    '<s?s?:s>',
  );
  expression.registerFunction(
    'toMillis',
    function toMillis(this: jsonata.Focus, text?: string, picture?: string) {
      return parseInstant.evaluate(undefined, { instant: instantOf(this) ?? 0, text, picture });
    },
    '<s-s?:n>',
  );
}

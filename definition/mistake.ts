/** Something wrong in a project's files, with the place to mend it. */
export interface Mistake {
  /** Relative to the project folder. */
  readonly file: string;
  /** From 1; 0 where the mistake is the file itself. */
  readonly line: number;
  readonly column: number;
  /** `mapping.email.from`; empty for the whole file. */
  readonly path: string;
  /** Names the suggestion too, where there is one. */
  readonly message: string;
  /** What was most likely meant, for editors and scripts. */
  readonly suggestion?: string;
  /** Errors stop a run; warnings do not. */
  readonly severity: 'error' | 'warning';
  /** Told apart so that the exit code and the error code are right. */
  readonly kind: 'definition' | 'secret';
}

/** `syncs/contacts.yaml:14:5 mapping.email: unknown key "form", did you mean "from"?` */
export function printMistake(mistake: Mistake): string {
  const place = mistake.line === 0 ? mistake.file : `${mistake.file}:${mistake.line}:${mistake.column}`;
  const severity = mistake.severity === 'warning' ? 'warning: ' : '';
  return `${place} ${severity}${mistake.path === '' ? '' : `${mistake.path}: `}${mistake.message}`;
}

/** A mistake of a file as a whole: it is missing, or cannot be read. */
export function fileMistake(file: string, message: string, severity: Mistake['severity'] = 'error'): Mistake {
  return { file, line: 0, column: 0, path: '', message, severity, kind: 'definition' };
}

/** In the order of files, then of lines; what two checks found alike is told once. */
export function sortMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const distinct = [...new Map(mistakes.map((mistake) => [printMistake(mistake), mistake])).values()];
  return distinct.toSorted((one, other) => compareText(one.file, other.file) || one.line - other.line || one.column - other.column);
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

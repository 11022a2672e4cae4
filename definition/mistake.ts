/** Something wrong in a project's files, with the place to mend it. */
export interface Mistake {
  /** Relative to the project folder. */
  readonly file: string;
  /** From 1; 0 where the mistake is the file itself. */
  readonly line: number;
  readonly column: number;
  /** `mapping.email.from`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** Told apart so that the exit code and the error code are right. */
  readonly kind: 'definition' | 'secret';
}

/** `syncs/contacts.yaml:14:5 mapping.email: unknown key "form", did you mean "from"?` */
export function printMistake(mistake: Mistake): string {
  const place = mistake.line === 0 ? mistake.file : `${mistake.file}:${mistake.line}:${mistake.column}`;
  return `${place} ${mistake.path === '' ? '' : `${mistake.path}: `}${mistake.message}`;
}

/** In the order of files, then of lines. */
export function sortMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted((one, other) => one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column);
}

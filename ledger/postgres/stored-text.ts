/** PostgreSQL's text has no character 0, and a source's keys may have. A character of private use stands for it, and is doubled by a digit where it stands for itself. */
const MARK = '\uE000';
const NUL = '\u0000';

export function toStored(value: string): string {
  if (!value.includes(NUL) && !value.includes(MARK)) return value;
  return value.replaceAll(MARK, `${MARK}1`).replaceAll(NUL, `${MARK}0`);
}

export function fromStored(value: string): string {
  if (!value.includes(MARK)) return value;
  return value.replaceAll(`${MARK}0`, NUL).replaceAll(`${MARK}1`, MARK);
}

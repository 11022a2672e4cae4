import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

type Use = 'reader' | 'writer';

/** The open handles of one database file: one that can only read, one that writes. A file that was put in its place is opened anew; the old one would be read for ever. */
export class SqliteHandles {
  readonly #path: string;
  readonly #open = new Map<Use, { readonly database: DatabaseSync; readonly file: string }>();

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws SQLite's own error where it cannot be opened */
  open(use: Use): DatabaseSync {
    const known = this.#open.get(use);
    if (known !== undefined && known.file === fileAt(this.#path)) return known.database;
    if (known !== undefined) this.close();
    const database = new DatabaseSync(this.#path, { readOnly: use === 'reader', timeout: 0 });
    this.#open.set(use, { database, file: fileAt(this.#path) });
    return database;
  }

  close(): void {
    for (const { database } of this.#open.values()) database.close();
    this.#open.clear();
  }
}

/** Which file that is, whatever is in it. */
function fileAt(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}-${stat.ino}`;
}

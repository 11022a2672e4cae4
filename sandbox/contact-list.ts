import type { CrmContact } from './contacts.ts';

interface DeletedContact {
  readonly contact: CrmContact;
  readonly at: string;
}

type Position = Pick<CrmContact, 'updated_at' | 'id'>;

/** Contacts in the order of their last change, so that a cursor neither skips nor repeats when some change while they are read. */
export class ContactList {
  readonly #byId: Map<string, CrmContact>;
  readonly #ordered: CrmContact[];
  /** In the order of their deletion. */
  readonly #deleted: DeletedContact[] = [];
  #lastChangeMs: number;
  #lastId: number;

  constructor(contacts: readonly CrmContact[]) {
    this.#byId = new Map(contacts.map((contact) => [contact.id, contact]));
    this.#ordered = contacts.toSorted(comparePositions);
    this.#lastChangeMs = Date.parse(this.#ordered.at(-1)?.updated_at ?? new Date(0).toISOString());
    this.#lastId = contacts.length;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): CrmContact | undefined {
    return this.#byId.get(id);
  }

  all(): readonly CrmContact[] {
    return [...this.#byId.values()];
  }

  /** Contacts behind a position, and how many there are from `updatedAfter` on, before `updatedBefore` where that is given. */
  page(
    after: Position | undefined,
    { updatedAfter, updatedBefore }: { readonly updatedAfter: string; readonly updatedBefore: string | undefined },
    limit: number,
  ): { readonly contacts: readonly CrmContact[]; readonly total: number; readonly isLast: boolean } {
    const first = this.#indexFrom({ updated_at: updatedAfter, id: '' });
    const from = after === undefined ? first : this.#indexFrom({ ...after, id: `${after.id}\u0000` });
    const end = updatedBefore === undefined ? this.#ordered.length : Math.max(first, this.#indexFrom({ updated_at: updatedBefore, id: '' }));
    const contacts = this.#ordered.slice(from, Math.min(from + limit, end));
    return { contacts, total: end - first, isLast: from + limit >= end };
  }

  /** Changes a contact, or makes one where there is none: it becomes the latest. */
  put(contact: Omit<CrmContact, 'id' | 'updated_at' | 'created_at'>, id: string = String(++this.#lastId)): CrmContact {
    this.#lastChangeMs = Math.max(Date.now(), this.#lastChangeMs + 1);
    const updatedAt = new Date(this.#lastChangeMs).toISOString();
    const changed: CrmContact = { ...contact, id, created_at: this.#byId.get(id)?.created_at ?? updatedAt, updated_at: updatedAt };
    this.#takeOut(id);
    this.#byId.set(id, changed);
    this.#ordered.push(changed);
    return changed;
  }

  remove(id: string): void {
    const contact = this.#takeOut(id);
    if (contact !== undefined) this.#deleted.push({ contact, at: new Date().toISOString() });
  }

  /** Deleted at or after a time, as often as it happened, behind the first `skipped`. */
  deleted(
    since: string,
    skipped: number,
    limit: number,
  ): { readonly entries: readonly { readonly id: string; readonly deleted_at: string }[]; readonly isLast: boolean } {
    const entries = this.#deleted.filter(({ at }) => at >= since).map(({ contact, at }) => ({ id: contact.id, deleted_at: at }));
    return { entries: entries.slice(skipped, skipped + limit), isLast: skipped + limit >= entries.length };
  }

  /** Brings a deleted contact back under its id. @returns undefined where none was deleted, or it is there */
  restore(id: string): CrmContact | undefined {
    const deleted = this.#deleted.findLast(({ contact }) => contact.id === id);
    return deleted === undefined || this.#byId.has(id) ? undefined : this.put(deleted.contact, id);
  }

  #takeOut(id: string): CrmContact | undefined {
    const contact = this.#byId.get(id);
    if (contact === undefined) return undefined;
    this.#ordered.splice(this.#indexFrom(contact), 1);
    this.#byId.delete(id);
    return contact;
  }

  /** Index of the first contact at or behind a position. */
  #indexFrom(position: Position): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const contact = this.#ordered[middle];
      if (contact !== undefined && comparePositions(contact, position) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function comparePositions(left: Position, right: Position): number {
  if (left.updated_at !== right.updated_at) return left.updated_at < right.updated_at ? -1 : 1;
  return left.id === right.id ? 0 : left.id < right.id ? -1 : 1;
}

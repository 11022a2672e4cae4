import type { ConflictPolicy } from '../../engine/merge-fields.ts';
import type { SyncMode } from '../../engine/outcome.ts';
import { type Contact, mailOf, type Person } from './world.ts';

export const ARCHIVED_CITY = 'archived';
const FIELDS = ['name', 'city'] as const;

/** What the target was told of one record. */
interface Told extends Person {
  readonly id: string;
  readonly isCreated: boolean;
  readonly isArchived: boolean;
}

/** The whole engine in a hundred lines, without writes that fail, batches, ledgers or processes: what the target is to hold after each run. */
export class Reference {
  readonly contacts = new Map<string, Contact>();
  readonly #mode: SyncMode;
  readonly #policy: ConflictPolicy;
  readonly #takesLinked: boolean;
  readonly #told = new Map<string, Told>();
  /** Met in the target by a sync that only creates. */
  readonly #met = new Set<string>();

  /** @param takesLinked also what the sync only found in the target goes when it leaves the source */
  constructor(mode: SyncMode, policy: ConflictPolicy, takesLinked: boolean) {
    this.#mode = mode;
    this.#policy = policy;
    this.#takesLinked = takesLinked;
  }

  /** @param idOf what the target calls what is created: the world's own ids */
  run(people: ReadonlyMap<string, Person>, idOf: (email: string) => string): void {
    for (const [key, person] of people) this.#write(key, person, idOf);
    if (this.#mode === 'mirror' || this.#mode === 'archive') this.#sweep(people);
  }

  #write(key: string, ours: Person, idOf: (email: string) => string): void {
    const email = mailOf(key);
    const told = this.#told.get(key);
    if (told !== undefined && !told.isArchived && FIELDS.every((field) => told[field] === ours[field])) return;
    const theirs = this.contacts.get(email);
    if (this.#mode === 'insert' && (told !== undefined || this.#met.has(key) || theirs !== undefined)) return void this.#met.add(key);
    if (this.#mode === 'update' && theirs === undefined) return;
    if (theirs === undefined) {
      const contact = { ...ours, id: idOf(email) };
      this.contacts.set(email, contact);
      this.#told.set(key, { ...contact, isCreated: true, isArchived: false });
      return;
    }
    const written: Record<string, string> = {};
    for (const field of FIELDS) {
      const fate = this.#fateOf(ours[field], told?.[field], theirs[field]);
      if (fate === 'held') return;
      if (fate === 'ours') written[field] = ours[field];
    }
    this.contacts.set(email, { ...theirs, ...written });
    const isCreated = told !== undefined && told.id === theirs.id && told.isCreated;
    this.#told.set(key, { ...ours, id: theirs.id, isCreated, isArchived: false });
  }

  #fateOf(ours: string, told: string | undefined, theirs: string): 'ours' | 'theirs' | 'held' {
    if (this.#policy === 'source-wins' || theirs === told || theirs === ours) return 'ours';
    if (ours === told) return 'theirs';
    return this.#policy === 'target-wins' ? 'theirs' : 'held';
  }

  #sweep(people: ReadonlyMap<string, Person>): void {
    if (people.size === 0) return;
    for (const [key, told] of this.#told) {
      if (people.has(key) || !(told.isCreated || this.#takesLinked) || told.isArchived) continue;
      const email = mailOf(key);
      const theirs = this.contacts.get(email);
      const isIt = theirs !== undefined && theirs.id === told.id;
      if (this.#mode === 'mirror') {
        if (isIt) this.contacts.delete(email);
        this.#told.delete(key);
      } else if (isIt) {
        this.contacts.set(email, { ...theirs, city: ARCHIVED_CITY });
        this.#told.set(key, { ...told, city: ARCHIVED_CITY, isArchived: true });
      }
    }
  }
}

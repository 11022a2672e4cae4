import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema, type DocumentNode, GraphQLError, Kind, NoSchemaIntrospectionCustomRule, visit } from 'graphql';
import { type Bucket, type GraphRequest, GraphServer, type Variables } from './graph-server.ts';

const SCHEMA = buildSchema(`
  enum Stage { LEAD CUSTOMER }
  scalar DateTime
  type Address { city: String, country: String! }
  input AddressInput { city: String, country: String! }
  type Contact { id: ID!, email: String!, name: String, score: Int, stage: Stage, tags: [[String!]!]!, address: Address, deals(first: Int!): DealConnection!, updatedAt: DateTime! }
  type Deal { id: ID! }
  type DealConnection { nodes: [Deal!]!, pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean!, endCursor: String }
  type ContactEdge { node: Contact!, cursor: String! }
  type ContactConnection { nodes: [Contact!]!, edges: [ContactEdge!]!, pageInfo: PageInfo!, totalCount: Int! }
  type Query {
    contacts(first: Int! = 2, after: String, updatedAfter: DateTime, emails: [String!]): ContactConnection!
    contact(id: ID!): Contact
    secrets: [String!]
  }
  input ContactInput { email: String!, name: String, score: Int = 0, stage: Stage, tags: [[String!]!], address: AddressInput }
  input ContactChange { name: String, score: Int, stage: Stage }
  type UserError { field: [String!], message: String!, code: String }
  type ContactPayload { contact: Contact, userErrors: [UserError!]! }
  type DeletePayload { deletedId: ID, userErrors: [UserError!]! }
  type Mutation {
    contactCreate(input: ContactInput!): ContactPayload
    contactUpdate(id: ID!, changes: ContactChange!): ContactPayload!
    contactDelete(id: ID!): DeletePayload
  }
`);

export interface Contact {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly score: number | null;
  readonly updatedAt: string;
}

/** A GraphQL API of contacts, stopped with the test: connections, mutations with userErrors, and points where it has a bucket for them. */
export class ContactsGraph {
  readonly contacts = new Map<string, Contact>();
  url = '';
  hidesSchema = false;
  /** How long it thinks of a mutation before it carries it out. */
  latencyMs = 0;
  readonly #bucket: Bucket | undefined;
  #server: GraphServer | undefined;
  #next = 1;

  constructor(emails: readonly string[], bucket?: Bucket) {
    for (const email of emails) this.#add(email, { name: email.split('@')[0] ?? null });
    this.#bucket = bucket;
  }

  async listen(context: TestContext): Promise<this> {
    this.#server = await GraphServer.start(context, {
      schema: SCHEMA,
      rootValue: this.#resolvers(),
      bucket: this.#bucket,
      costOf,
      rules: () => (this.hidesSchema ? [NoSchemaIntrospectionCustomRule] : []),
      admit: async ({ query }) => {
        if (query.startsWith('mutation')) await sleep(this.latencyMs);
        return undefined;
      },
    });
    this.url = `${this.#server.origin}/graphql`;
    return this;
  }

  get requests(): readonly GraphRequest[] {
    return this.#server?.requests ?? [];
  }

  /** Requests that were refused for want of points. */
  get throttled(): number {
    return this.#server?.throttled ?? 0;
  }

  #add(email: string, { name = null, score = null }: { readonly name?: string | null; readonly score?: number | null }): Contact {
    const id = `gid://contacts/${this.#next}`;
    const contact = { id, email, name, score, updatedAt: `2026-01-01T00:00:0${this.#next % 10}Z` };
    this.#next += 1;
    this.contacts.set(id, contact);
    return contact;
  }

  #resolvers() {
    const shown = (contact: Contact) => ({
      ...contact,
      address: { city: 'Ghent', country: 'BE' },
      deals: { nodes: [{ id: 'd1' }], pageInfo: { hasNextPage: contact.email.startsWith('many'), endCursor: 'd1' } },
      tags: () => {
        if (contact.name === 'unreadable') throw new GraphQLError('tags cannot be read');
        return [['a']];
      },
    });
    const refusal = (message: string, code: string) => ({ contact: null, userErrors: [{ field: ['input', 'email'], message, code }] });
    return {
      secrets: () => {
        throw new GraphQLError('secrets are not for you', { extensions: { code: 'FORBIDDEN' } });
      },
      contact: ({ id }: { id: string }) => (this.contacts.has(id) ? [...this.contacts.values()].filter((one) => one.id === id).map(shown)[0] : null),
      contacts: ({ first, after, emails }: { first: number; after?: string; emails?: readonly string[] }) => {
        const listed = [...this.contacts.values()].filter(({ email }) => emails?.includes(email) ?? true);
        const from = after === undefined || after === null ? 0 : Number(after);
        const nodes = listed.slice(from, from + first).map(shown);
        const end = from + nodes.length;
        const pageInfo = { hasNextPage: end < listed.length, endCursor: String(end) };
        return { nodes, edges: nodes.map((node, index) => ({ node, cursor: String(from + index + 1) })), pageInfo, totalCount: listed.length };
      },
      contactCreate: ({ input }: { input: { email: string; name?: string; score?: number } }) => {
        if (input.name === 'thrown') throw new GraphQLError('this name is not for you', { extensions: { code: 'BAD_USER_INPUT' } });
        if (input.name === 'crash') throw new GraphQLError('Internal error', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
        if (input.name === 'nothing') return null;
        if (!input.email.includes('@')) return refusal('Email is invalid', 'INVALID');
        if ([...this.contacts.values()].some(({ email }) => email === input.email)) return refusal('Email has already been taken', 'TAKEN');
        return { contact: shown(this.#add(input.email, input)), userErrors: [] };
      },
      contactUpdate: ({ id, changes }: { id: string; changes: Partial<Contact> }) => {
        const contact = this.contacts.get(id);
        if (changes.name === 'thrown') throw new GraphQLError('this name is not for you');
        if (contact === undefined) return refusal('Contact does not exist', 'NOT_FOUND');
        const changed = { ...contact, ...changes };
        this.contacts.set(id, changed);
        return { contact: shown(changed), userErrors: [] };
      },
      contactDelete: ({ id }: { id: string }) =>
        this.contacts.delete(id)
          ? { deletedId: id, userErrors: [] }
          : { deletedId: null, userErrors: [{ message: 'Contact does not exist', code: 'NOT_FOUND' }] },
    };
  }
}

/** A point for each field that is asked for, those of a connection for each of its records; ten for a mutation. */
function costOf(document: DocumentNode, variables: Variables): number {
  let fields = 0;
  let mutations = 0;
  visit(document, {
    Field: () => {
      fields += 1;
    },
    OperationDefinition: ({ operation, selectionSet }) => {
      if (operation === 'mutation') mutations = selectionSet.selections.filter(({ kind }) => kind === Kind.FIELD).length;
    },
  });
  return mutations > 0 ? mutations * 10 : fields + Number(variables['first'] ?? 1);
}

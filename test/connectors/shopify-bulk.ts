import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type FieldNode, type GraphQLSchema, graphql, Kind, type OperationDefinitionNode, parse, print, type SelectionSetNode } from 'graphql';
import { z } from 'zod';

interface Operation {
  readonly id: string;
  readonly lines: readonly string[];
  looks: number;
}

/** Bulk operations by https://shopify.dev/docs/api/usage/bulk-operations: files are given to and taken from a host of their own, by links that are signed. */
export class ShopBulk {
  /** So often an operation is found running. */
  looksUntilDone = 1;
  /** Why the next ones are not begun. */
  busy: 'OPERATION_IN_PROGRESS' | undefined;
  readonly operations: Operation[] = [];
  /** What came to the host of the files. */
  readonly received: { readonly method: string; readonly headers: IncomingHttpHeaders; readonly url: string }[] = [];
  files = '';
  readonly #schema: GraphQLSchema;
  readonly #root: () => object;
  readonly #staged = new Map<string, string>();

  constructor(schema: GraphQLSchema, root: () => object) {
    this.#schema = schema;
    this.#root = root;
  }

  async open(context: TestContext): Promise<void> {
    const server = createServer(async (request, response) => {
      const { method = '', headers, url = '' } = request;
      this.received.push({ method, headers, url });
      const { pathname, searchParams } = new URL(url, 'http://files');
      if (method === 'POST') {
        const pieces: Buffer[] = [];
        for await (const piece of request) pieces.push(piece);
        const form = await new Response(new Uint8Array(Buffer.concat(pieces)), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
        const file = form.get('file');
        // Google Cloud Storage wants the file last, and the length of it all.
        const isRight = form.get('policy') === 'signed' && [...form.keys()].at(-1) === 'file' && headers['content-length'] !== undefined;
        if (!isRight || !(file instanceof File)) return response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
        this.#staged.set(String(form.get('key')), await file.text());
        return response.writeHead(201, { 'content-type': 'application/xml' }).end('<PostResponse/>');
      }
      const found = this.operations.find(({ id }) => pathname === `/${id.split('/').at(-1)}.jsonl`);
      if (found === undefined || searchParams.get('Signature') !== 'secret')
        return response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
      return response.writeHead(200, { 'content-type': 'application/jsonl' }).end(found.lines.map((line) => `${line}\n`).join(''));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- a TCP server has no other kind of address
    this.files = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  resolvers() {
    return {
      stagedUploadsCreate: () => {
        const key = `tmp/1/bulk/${this.#staged.size + 1}/records.jsonl`;
        const parameters = [
          { name: 'Content-Type', value: 'text/jsonl' },
          { name: 'key', value: key },
          { name: 'policy', value: 'signed' },
        ];
        return { stagedTargets: [{ url: `${this.files}/`, resourceUrl: null, parameters }], userErrors: [] };
      },
      bulkOperationRunMutation: async ({ mutation, stagedUploadPath }: { mutation: string; stagedUploadPath: string }) => {
        const text = this.#staged.get(stagedUploadPath);
        if (text === undefined) return refusal('NO_SUCH_FILE', 'The JSONL file could not be found.');
        return this.#begin(async () => {
          const lines: string[] = [];
          for (const [number, line] of text.trimEnd().split('\n').entries()) {
            const variableValues = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
            const { data, errors } = await graphql({ schema: this.#schema, rootValue: this.#root(), source: mutation, variableValues });
            lines.push(JSON.stringify({ ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors }), __lineNumber: number }));
          }
          // In no certain order.
          return lines.toReversed();
        });
      },
      bulkOperationRunQuery: ({ query }: { query: string }) => this.#begin(() => this.#exported(query)),
      bulkOperation: ({ id }: { id: string }) => {
        const found = this.operations.find((one) => one.id === id);
        if (found === undefined) return null;
        found.looks += 1;
        const isDone = found.looks > this.looksUntilDone;
        const url = `${this.files}/${id.split('/').at(-1)}.jsonl?Signature=secret`;
        return { id, status: isDone ? 'COMPLETED' : 'RUNNING', objectCount: String(found.lines.length), url: isDone && found.lines.length > 0 ? url : null };
      },
    };
  }

  async #begin(run: () => Promise<readonly string[]>) {
    if (this.busy !== undefined) return refusal(this.busy, 'A bulk operation for this app and shop is already in progress.');
    const operation = { id: `gid://shopify/BulkOperation/${this.operations.length + 1}`, lines: await run(), looks: 0 };
    this.operations.push(operation);
    return { bulkOperation: { ...operation, status: 'CREATED', objectCount: '0' }, userErrors: [] };
  }

  /** Nodes of the connection line by line; those of a connection inside follow theirs. */
  async #exported(query: string): Promise<readonly string[]> {
    const connection = fieldsOf(operationOf(query).selectionSet)[0];
    if (connection === undefined) return [];
    const [filter] = connection.arguments ?? [];
    const node = nodeOf(connection);
    const inner = node.find(({ selectionSet }) => selectionSet !== undefined && fieldsOf(selectionSet)[0]?.name.value === 'edges');
    const own = node.filter((field) => field !== inner).map(print);
    const childOwn = inner === undefined ? '' : ` ${inner.name.value}(first: 250) { nodes { ${nodeOf(inner).map(print).join(' ')} } }`;
    const source = `{ ${connection.name.value}(first: 250, sortKey: ID${filter === undefined ? '' : `, ${print(filter)}`}) { nodes { ${own.join(' ')}${childOwn} } } }`;
    const { data, errors } = await graphql({ schema: this.#schema, rootValue: this.#root(), source });
    if (errors !== undefined) throw errors[0];
    const nodes = z
      .array(z.looseObject({ id: z.string() }))
      .parse(z.record(z.string(), z.object({ nodes: z.unknown() })).parse(data)[connection.name.value]?.nodes);
    return nodes.flatMap((found) => {
      const { [inner?.name.value ?? '']: children, ...row } = found;
      const rows = inner === undefined ? [] : z.object({ nodes: z.array(z.looseObject({})) }).parse(children).nodes;
      return [JSON.stringify(row), ...rows.map((child) => JSON.stringify({ ...child, __parentId: found.id }))];
    });
  }
}

function refusal(code: string, message: string) {
  return { bulkOperation: null, userErrors: [{ code, field: null, message }] };
}

function operationOf(query: string): OperationDefinitionNode {
  const found = parse(query).definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('no operation');
  return found;
}

function fieldsOf({ selections }: SelectionSetNode): readonly FieldNode[] {
  return selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection] : []));
}

/** What is asked of a node of a connection: `edges { node { … } }`. */
function nodeOf({ selectionSet }: FieldNode): readonly FieldNode[] {
  const edges = selectionSet === undefined ? undefined : fieldsOf(selectionSet)[0]?.selectionSet;
  const node = edges === undefined ? undefined : fieldsOf(edges)[0]?.selectionSet;
  return node === undefined ? [] : fieldsOf(node);
}

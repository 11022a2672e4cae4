import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema, parse, type ValidationRule } from 'graphql';
import type { Response } from 'graphql-http';
import { createHandler } from 'graphql-http/lib/use/http';
import { z } from 'zod';
import type { Json } from '../../engine/json.ts';

export type Variables = Readonly<Record<string, Json>>;

export interface GraphRequest {
  readonly query: string;
  readonly variables: Variables;
  readonly headers: IncomingMessage['headers'];
  readonly path: string;
  readonly cost: number;
}

export interface Bucket {
  readonly maximum: number;
  readonly restoreRate: number;
}

export interface GraphServerOptions {
  readonly schema: GraphQLSchema;
  readonly rootValue: object;
  readonly costOf: (document: DocumentNode, variables: Variables) => number;
  /** Absent: it counts no points. */
  readonly bucket?: Bucket | undefined;
  readonly rules?: () => readonly ValidationRule[];
  /** Answers in the place of the API: undefined: it answers itself. */
  readonly admit?: (request: GraphRequest) => Response | undefined | Promise<Response | undefined>;
}

const OK = { status: 200, statusText: 'OK', headers: { 'content-type': 'application/json' } };

/** A real GraphQL server on loopback that counts points as Shopify documents it; stopped with the test. */
export class GraphServer {
  readonly requests: GraphRequest[] = [];
  /** Requests that were refused for want of points. */
  throttled = 0;
  origin = '';
  readonly #options: GraphServerOptions;
  readonly #costs = new WeakMap<object, number>();
  #available: number;
  #at = performance.now();

  private constructor(options: GraphServerOptions) {
    this.#options = options;
    this.#available = options.bucket?.maximum ?? 0;
  }

  static async start(context: TestContext, options: GraphServerOptions): Promise<GraphServer> {
    const graph = new GraphServer(options);
    const { schema, rootValue, rules } = options;
    const handle = createHandler({
      schema,
      rootValue,
      validationRules: (_request, _args, specified) => [...specified, ...(rules?.() ?? [])],
      onSubscribe: ({ raw }, { query, variables }) => graph.#admit(raw, query, z.record(z.string(), z.json()).parse(variables ?? {})),
      onOperation: ({ raw }, _args, result) => graph.#told(result, graph.#costs.get(raw) ?? 0),
    });
    const server = createServer((request, response) => void handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- a TCP server has no other kind of address
    graph.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return graph;
  }

  async #admit(raw: IncomingMessage, query: string, variables: Variables): Promise<Response | undefined> {
    const cost = this.#costOf(query, variables);
    this.#costs.set(raw, cost);
    const request = { query, variables: structuredClone(variables), headers: raw.headers, path: raw.url ?? '', cost };
    this.requests.push(request);
    const instead = await this.#options.admit?.(request);
    if (instead !== undefined || this.#options.bucket === undefined) return instead;
    this.#refill(this.#options.bucket);
    if (this.#available >= cost) {
      this.#available -= cost;
      return undefined;
    }
    this.throttled += 1;
    const errors = [new GraphQLError('Throttled', { extensions: { code: 'THROTTLED' } })];
    return [JSON.stringify(this.#told({ errors }, cost)), OK];
  }

  #refill({ maximum, restoreRate }: Bucket): void {
    const now = performance.now();
    this.#available = Math.min(maximum, this.#available + ((now - this.#at) * restoreRate) / 1_000);
    this.#at = now;
  }

  #told(result: ExecutionResult, cost: number): ExecutionResult {
    const { bucket } = this.#options;
    if (bucket === undefined) return result;
    const throttleStatus = { maximumAvailable: bucket.maximum, currentlyAvailable: Math.floor(this.#available), restoreRate: bucket.restoreRate };
    return { ...result, extensions: { cost: { requestedQueryCost: cost, throttleStatus } } };
  }

  /** What is no GraphQL costs nothing: the server refuses it. */
  #costOf(query: string, variables: Variables): number {
    try {
      return this.#options.costOf(parse(query), variables);
    } catch (error) {
      if (error instanceof GraphQLError) return 0;
      throw error;
    }
  }
}

/** An answer of the server's own with status 200. */
export function answered(body: Json): Response {
  return [JSON.stringify(body), OK];
}

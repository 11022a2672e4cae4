import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { json, serve } from '../http/local-server.ts';

const bodySchema = z.object({ items: z.array(z.object({ id: z.string().optional(), number: z.number() })) });

/** An API that makes an order of whatever is posted, as often as it is posted, and shows it in its search at once. */
export class OrdersApi {
  /** By number: how often it was made. */
  readonly made = new Map<number, number>();
  /** Requests that write. */
  writes = 0;
  /** While set, writes are applied, and their answers kept back. */
  keepsAnswers = false;
  /** The same with searches. */
  keepsSearches = false;
  readonly kept: (() => void)[] = [];
  writeMs = 0;
  url = '';
  readonly #lines: readonly { readonly id: number }[];

  private constructor(lines: number) {
    this.#lines = Array.from({ length: lines }, (_, index) => ({ id: index + 1 }));
  }

  static async start(context: TestContext, lines: number): Promise<OrdersApi> {
    const api = new OrdersApi(lines);
    const { url } = await serve(context, async (request, response) => {
      const { pathname, searchParams } = new URL(request.url, 'http://api');
      if (pathname === '/lines') return json(response, api.#page(Number(searchParams.get('after') ?? 0)));
      if (request.method !== 'GET') return api.#write(request.body, response);
      const found = api.#search(searchParams.get('numbers') ?? '');
      if (api.keepsSearches) api.kept.push(() => json(response, found));
      else json(response, found);
    });
    api.url = url;
    return api;
  }

  /** Orders that were made more than once. */
  get doubled(): number {
    return [...this.made.values()].filter((times) => times > 1).length;
  }

  answerAll(): void {
    this.keepsAnswers = false;
    this.keepsSearches = false;
    for (const answer of this.kept.splice(0)) answer();
  }

  #page(after: number): readonly unknown[] {
    return this.#lines.filter(({ id }) => id > after).slice(0, 100);
  }

  #search(numbers: string): readonly unknown[] {
    const wanted = numbers.split(',').map(Number);
    return wanted.filter((number) => this.made.has(number)).map((number) => ({ id: `o${number}`, number }));
  }

  async #write(body: string, response: ServerResponse): Promise<void> {
    this.writes += 1;
    const { items } = bodySchema.parse(JSON.parse(body));
    const results = items.map(({ number }) => {
      this.made.set(number, (this.made.get(number) ?? 0) + 1);
      return { id: `o${number}` };
    });
    if (this.keepsAnswers) this.kept.push(() => json(response, { results }));
    else {
      await sleep(this.writeMs);
      json(response, { results });
    }
  }
}

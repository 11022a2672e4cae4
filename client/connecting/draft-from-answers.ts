import type { JsonObject } from '../../engine/json.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ConnectorDraft } from './new-connector.ts';
import type { DraftedConnector } from './tell-connector.ts';

const WAYS = ['bearer', 'api-key', 'basic', 'none'] as const;
type Way = (typeof WAYS)[number];

/** A connector by a few questions, in a terminal. Secrets are not asked for: they are references. @throws CliError without a terminal */
export async function draftFromAnswers(cli: Cli, name: string): Promise<ConnectorDraft & Pick<DraftedConnector, 'objects' | 'leftOut'>> {
  if (!cli.isInteractive) {
    const message = 'Say what the API is known by: --openapi FILE, or --curl COMMAND. In a terminal, without either, you are asked.';
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
  }
  const base = await until(cli, 'Where is the API? Its address, with the version if it has one:', asAddress, 'That is no address: https://api.acme.test/v1');
  const way = await until(cli, `How do you sign in? ${WAYS.join(', ')}:`, asWay, `One of ${WAYS.join(', ')}.`);
  const header = way === 'api-key' ? await until(cli, 'The key goes into which header?', asHeader, 'That is the name of no header: X-Api-Key') : '';
  const list = await until(cli, 'The path of a list of records, with what it always needs:', (text) => asPath(base, text), 'That is no path: /contacts');
  // Loaded here: other commands need none of it.
  const { draftRequest } = await import('../../connectors/draft/request/draft-request.ts');
  const { secretName, secretReference } = await import('../../connectors/draft/secret-name.ts');
  const auth = authOf(way, header, (what) => secretReference(secretName(name, what)));
  const request = { auth: { value: auth, why: 'as you said' }, headers: {}, query: [...list.searchParams], secrets: {}, dropped: [] };
  const { draft, object } = draftRequest({ name, method: 'GET', url: list, baseUrl: base, request });
  return { name, origin: 'answers to its questions', entries: draft.entries, objects: [object], leftOut: [] };
}

async function until<Value>(cli: Cli, question: string, read: (text: string) => Value | undefined, otherwise: string): Promise<Value> {
  for (;;) {
    const value = read(await cli.ask(question));
    if (value !== undefined) return value;
    cli.out.note(otherwise);
  }
}

function asAddress(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined;
}

function asWay(text: string): Way | undefined {
  return WAYS.find((way) => way === text.toLowerCase());
}

function asHeader(text: string): string | undefined {
  return /^[\w-]+$/.test(text) ? text : undefined;
}

function asPath(base: URL, text: string): URL | undefined {
  const address = `${base.href.replace(/\/$/, '')}/${text.replace(/^\//, '')}`;
  return text.replaceAll('/', '') !== '' && URL.canParse(address) ? new URL(address) : undefined;
}

function authOf(way: Way, header: string, secret: (what: string) => string): JsonObject {
  switch (way) {
    case 'bearer':
      return { type: 'bearer', token: secret('TOKEN') };
    case 'api-key':
      return { type: 'api-key', in: 'header', name: header, key: secret('KEY') };
    case 'basic':
      return { type: 'basic', username: secret('USER'), password: secret('PASSWORD') };
    case 'none':
      return { type: 'none' };
  }
}

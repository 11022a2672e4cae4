import { text } from 'node:stream/consumers';
import type { SafeRequest } from '../../connectors/draft/request/hide-credentials.ts';
import type { PastedRequest } from '../../connectors/draft/request/parse-curl.ts';
import { authSchema } from '../../definition/schema/auth.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { Cli } from '../cli.ts';
import type { ConnectorDraft } from './new-connector.ts';
import type { DraftedConnector } from './tell-connector.ts';

/** A dash in the place of the command: it is read from standard input, and stays out of the shell's history. */
const FROM_STDIN = '-';

/**
 * A connector with the list that a curl command asks for. Its credentials become references, and stand in nothing that is written.
 * @param isLive asks the API once, and guesses from its answer
 * @throws SyncError where the command cannot be used, or the API refuses it
 */
export async function draftFromCurl(
  cli: Cli,
  name: string,
  curl: string,
  isLive: boolean,
): Promise<ConnectorDraft & Pick<DraftedConnector, 'objects' | 'leftOut'>> {
  // Loaded here: other commands need none of it.
  const { parseCurl } = await import('../../connectors/draft/request/parse-curl.ts');
  const { hideCredentials } = await import('../../connectors/draft/request/hide-credentials.ts');
  const { draftRequest } = await import('../../connectors/draft/request/draft-request.ts');
  const pasted = parseCurl(curl === FROM_STDIN ? await text(cli.shell.stdin) : curl);
  const request = hideCredentials(pasted, name);
  const answer = isLive ? await ask(cli, pasted, request) : undefined;
  const { draft, object, isNoList } = draftRequest({ name, method: pasted.method, url: pasted.url, request, ...(answer === undefined ? {} : { answer }) });
  if (isNoList) throw refused('Its answer holds no list of records: paste the request of a list.');
  const leftOut = request.dropped.map((path) => ({ path, why: 'it looks like a secret, and has no place in a definition' }));
  return { name, origin: 'a curl command', entries: draft.entries, objects: [object], leftOut };
}

async function ask(cli: Cli, { method, url }: PastedRequest, request: SafeRequest): Promise<{ readonly body: Json; readonly hasLink: boolean }> {
  const { askOnce } = await import('../../connectors/draft/ask-once.ts');
  const own = { setting: () => undefined, secret: (secret: string) => request.secrets[secret] };
  const auth = authSchema.parse(resolveSecrets(request.auth.value, own));
  const headers = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, String(resolveSecrets(value, own))]));
  const asked = new URL(url);
  asked.search = '';
  for (const [parameter, value] of request.query) asked.searchParams.append(parameter, value);
  const body = request.body === undefined ? {} : { body: request.body };
  const answer = await askOnce({ name: url.host, url: asked, method, headers, auth, ...body, signal: cli.interrupted() });
  if (answer.status < 200 || answer.status > 299) throw refused(`${url.host} answers it with ${answer.status}: try the command itself first.`);
  return { body: answer.body, hasLink: answer.headers['link'] !== undefined };
}

function refused(message: string): SyncError {
  return new SyncError({ code: 'REQUEST_REJECTED', retry: 'never', message });
}

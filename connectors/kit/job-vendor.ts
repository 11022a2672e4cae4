import type { BulkRule } from '../../definition/schema/connector.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { Untried } from './kit-row.ts';
import type { VendorRequest } from './mock-vendor.ts';
import { answerGiving } from './place-value.ts';

export const KIT_JOB = 'kit-job-1';

/** Where the links of the vendor's answers lead, which in life is another host. */
export const UPLOAD_LINK = '/kit-link/upload';
export const FILE_LINK = '/kit-link/file';
export const resultsLink = (index: number) => `/kit-link/results-${index}`;

export function isFileLink(path: string): boolean {
  return path.startsWith('/kit-link/');
}

/** How a request about a job is addressed. */
export type JobAddress = Partial<Pick<BulkRule['poll'], 'get' | 'post' | 'put' | 'patch' | 'delete' | 'graphql'>> & {
  readonly hosts?: readonly string[] | undefined;
};

/** By method and path, or by its document; what is inserted may be anything. @param link where the vendor's own answer led to */
export function isFor(rule: JobAddress, { method, path, body }: VendorRequest, link = ''): boolean {
  if (rule.graphql !== undefined) return isJsonObject(body) && body['query'] === rule.graphql;
  const [named, template] = addressOf(rule);
  if (named !== method || template === undefined) return false;
  if (rule.hosts !== undefined) return path === link;
  const [beforeQuery = ''] = template.split('?');
  const pattern = beforeQuery
    .split(/\{[^}]*\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^/]+');
  return new RegExp(`${pattern}$`).test(path);
}

function addressOf(rule: JobAddress): readonly [string | undefined, string | undefined] {
  const [found] = Object.entries({ GET: rule.get, POST: rule.post, PUT: rule.put, PATCH: rule.patch, DELETE: rule.delete }).filter(
    ([, one]) => one !== undefined,
  );
  return found ?? [undefined, undefined];
}

/** An answer in which there is the link that a request goes by, if it goes by one. @param root the name by which its template knows the answer */
export async function withLink(rule: JobAddress | undefined, root: 'created' | 'poll', link: string, request: VendorRequest, answer: Json): Promise<Json> {
  const [, template = ''] = rule?.hosts === undefined ? [] : addressOf(rule);
  if (template === '') return answer;
  // The same server by another name is another host.
  const port = request.headers.host?.split(':').at(-1) ?? '';
  const scope = await answerGiving(template.slice(1, -1), `http://localhost:${port}${link}`, { [root]: answer });
  const found = isJsonObject(scope) ? scope[root] : undefined;
  if (found === undefined) throw new Untried(`"${template}" is not derivable: give an example.`);
  return found;
}

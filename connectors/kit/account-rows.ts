import { isFileLink } from './job-vendor.ts';
import { basePath, KIT_SECRET, type KitBench, onVendor } from './kit-account.ts';
import { expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';
import type { VendorRequest } from './mock-vendor.ts';

/** What every request of the other rows had in common; the probe. */
export async function accountRows(bench: KitBench, all: readonly VendorRequest[]): Promise<readonly KitRow[]> {
  const links = all.filter(({ path }) => isFileLink(path));
  const files =
    links.length === 0 ? [] : [await tryRow({ operation: 'account', name: 'links to other hosts without credentials' }, () => withoutCredentials(links))];
  return [
    ...(await ownRows(
      bench,
      all.filter(({ path }) => !isFileLink(path)),
    )),
    ...files,
  ];
}

async function withoutCredentials(links: readonly VendorRequest[]): Promise<void> {
  const signed = links.find((request) => isSigned(request));
  expectThat(signed === undefined, `a request to another host has a credential: ${signed?.method ?? ''} ${signed?.path ?? ''}.`);
}

async function ownRows(bench: KitBench, received: readonly VendorRequest[]): Promise<readonly KitRow[]> {
  const { auth, version, probe, headers = {} } = bench.connector;
  const row = (name: string, work: () => Promise<void>) => tryRow({ operation: 'account', name }, work);
  const all = (holds: (request: VendorRequest) => boolean, sentence: string) => {
    if (received.length === 0) throw new Untried('no request was sent.');
    const other = received.find((request) => !holds(request));
    expectThat(other === undefined, `${sentence}: ${other?.method ?? ''} ${other?.path ?? ''}.`);
  };
  return [
    await row('credentials with every request', async () => {
      if (auth?.type === 'none') throw new Untried('the connector signs in with nothing.');
      all((request) => isSigned(request), 'a request has no credential');
    }),
    await row('version with every request', async () => {
      if (version === undefined) throw new Untried('the connector pins no version.');
      if ('path' in version) all(({ path }) => path.includes(`/${version.path.replace(/^\//, '')}`), `a request is not below /${version.path}`);
      else if ('inPaths' in version) {
        const { inPaths } = version;
        all(({ path }) => inPaths.some((step) => `${path}/`.includes(`/${step}/`)), `a request names none of ${inPaths.join(', ')} in its path`);
      } else all((request) => request.headers[version.header.toLowerCase()] === version.value, `a request has no ${version.header}: ${version.value}`);
    }),
    ...(Object.keys(headers).length === 0
      ? []
      : [
          await row('headers with every request', async () =>
            all((request) => Object.keys(headers).every((name) => request.headers[name.toLowerCase()] !== undefined), 'a request lacks a header'),
          ),
        ]),
    await row('below its base address', async () => all(({ path }) => path.startsWith(basePath(bench.connector)), 'a request leaves the base address')),
    await row('probe', async () => {
      if (probe === undefined) throw new Untried('the connector has no probe: the first list is read in its place.');
      const requests = await onVendor(
        bench,
        () => ({ body: {} }),
        (connection) => connection.probe(),
      );
      expectThat(requests.length === 1, 'the probe is not one request.');
    }),
  ];
}

function isSigned({ headers, query }: VendorRequest): boolean {
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const words = [...Object.values(headers), ...query.values(), Buffer.from(basic, 'base64').toString()];
  return words.some((value) => String(value).includes(KIT_SECRET));
}

import type { Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import { missingSettings, withoutReferences } from './secrets.ts';
import type { Path } from './yaml-file.ts';

/** An address with its settings put in: a URL, without credentials, and with TLS unless it is loopback or plain HTTP is allowed. */
export function checkUrl(page: Page, path: Path, allowsPlainHttp: boolean, mayBePath: boolean): Mistake[] {
  const { file, environment } = page;
  const written = file.valueAt(path);
  if (typeof written !== 'string' || missingSettings(written, environment).length > 0) return [];
  const text = withoutReferences(written, environment);
  if (mayBePath && text.startsWith('/')) return [];
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return [file.mistake(path, `is not an address such as https://api.example.com${mayBePath ? ', nor a path such as /oauth/token' : ''}`)];
  }
  if (url.username !== '' || url.password !== '') return [file.mistake(path, 'credentials do not belong in an address: use auth')];
  if (url.protocol === 'https:' || allowsPlainHttp || isLoopback(url.hostname)) return [];
  return [file.mistake(path, `plain http to ${url.hostname} would send credentials in the clear: use https, or say "allowPlainHttp: true"`)];
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

import { withScheme } from '../signatures/basic.ts';
import { equalTexts } from '../signatures/equal-texts.ts';

/** Whether a request names one of the tokens, as `Authorization: Bearer …`. All are looked at, whichever fits. */
export function hasToken(headers: Readonly<Record<string, string>>, tokens: readonly string[]): boolean {
  const given = withScheme('Bearer', headers['authorization'] ?? '');
  return tokens.filter((token) => token !== '' && equalTexts(given, `Bearer ${token}`)).length > 0;
}

import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Json } from './json.ts';
import type { TypedValue } from './typed-value.ts';

/** Checks and normalises what people are reached by: e-mail addresses, phone numbers, web addresses. Never throws. */
export function checkContact(value: Json, type: 'email' | 'phone' | 'url', country: string | undefined): TypedValue {
  if (typeof value === 'string') return type === 'email' ? checkEmail(value.trim()) : type === 'phone' ? checkPhone(value, country) : checkUrl(value.trim());
  // phone numbers come as numbers from careless sources
  if (type === 'phone' && typeof value === 'number') return checkPhone(String(value), country);
  return { ok: false, problem: PROBLEMS[type] };
}

const PROBLEMS = { email: 'is not an e-mail address', phone: 'is not a phone number', url: 'is not a web address (http or https)' } as const;

const EXTENSION = 'is a phone number with an extension, which its normal form (E.164) cannot hold: map it as a string, or without the extension';

/**
 * The characters of the HTML standard's e-mail input (https://html.spec.whatwg.org/#valid-e-mail-address), letters of all languages, and a domain with a
 * dot.
 */
const LOCAL = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/** What nearly all of them look like: told by one search, which is quicker than to take them apart. */
const ORDINARY = /^[a-z\d_+-]+(?:\.[a-z\d_+-]+)*@(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/i;

/** Lengths: RFC 5321 section 4.5.3.1. The local part keeps its case: it belongs to the receiving host. */
function checkEmail(text: string): TypedValue {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  const hasLength = at > 0 && text.length <= 254 && local.length <= 64;
  const isGood = hasLength && (ORDINARY.test(text) || (LOCAL.test(local) && isDomain(domain)));
  return isGood ? { ok: true, value: `${local}@${domain}` } : { ok: false, problem: PROBLEMS.email };
}

function isDomain(text: string): boolean {
  const labels = text.split('.');
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** Whether phone numbers of a country (ISO 3166) are known. */
export function isPhoneCountry(country: string): boolean {
  return isSupportedCountry(country.toUpperCase());
}

function checkPhone(text: string, country: string | undefined): TypedValue {
  const region = country?.toUpperCase();
  const number =
    text.length > 250 ? undefined : parsePhoneNumberFromString(text.trim(), region !== undefined && isSupportedCountry(region) ? region : undefined);
  if (number?.isValid() === true) return number.ext === undefined ? { ok: true, value: number.number } : { ok: false, problem: EXTENSION };
  const hasPrefix = /^\s*(?:\+|tel:\+)/.test(text);
  if (hasPrefix) return { ok: false, problem: PROBLEMS.phone };
  return {
    ok: false,
    problem:
      region === undefined ? 'is not a phone number with a country prefix such as +49; give the field a `country`' : `is not a phone number of ${region}`,
  };
}

function checkUrl(text: string): TypedValue {
  const url = /\s/.test(text) ? null : URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || !/^https?:\/\//i.test(text)) return { ok: false, problem: PROBLEMS.url };
  const isBareOrigin = url.pathname === '/' && url.search === '' && url.hash === '' && !text.endsWith('/');
  return { ok: true, value: isBareOrigin ? url.href.slice(0, -1) : url.href };
}

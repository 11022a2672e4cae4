import type { FormData } from 'undici';

/** A request on its way out: authenticators add to it. */
export interface OutgoingRequest {
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly url: URL;
  /** Of what is signed as a whole; a form with files is not: its boundary is chosen as it leaves. */
  readonly method?: string;
  body?: Buffer | FormData | Blob | null;
}

/** Proves who sends a request. */
export interface Authenticator {
  /** Has a credential at hand that is good for a while, so that `apply` need not wait. */
  prepare(): Promise<void>;
  apply(request: OutgoingRequest): Promise<void>;
  /** After a 401 to that request. @returns true where there is another credential now, and the request may be sent once more */
  onRejected(request: OutgoingRequest): Promise<boolean>;
  /** What must not show in messages. */
  secrets(): readonly string[];
  /** Where the account's API is, where that is told with the credential; to be asked after `prepare`. */
  baseUrl?(): string | undefined;
  /** Statuses that mean what a 401 means. @default 401 alone */
  readonly renewsOn?: readonly number[];
}

/** An authenticator whose credential never changes. */
export function fixedAuthenticator(secrets: readonly string[], apply: (request: OutgoingRequest) => void): Authenticator {
  return {
    prepare: async () => undefined,
    apply: async (request) => apply(request),
    onRejected: async () => false,
    secrets: () => secrets,
  };
}

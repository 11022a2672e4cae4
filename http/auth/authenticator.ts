/** A request on its way out: authenticators add to it. */
export interface OutgoingRequest {
  readonly headers: Record<string, string>;
  readonly url: URL;
}

/** Proves who sends a request. */
export interface Authenticator {
  apply(request: OutgoingRequest): Promise<void>;
  /** After a 401. @returns true where there is a new credential, and the request may be sent once more */
  renew(): Promise<boolean>;
}

/** An authenticator whose credential never changes. */
export function fixedAuthenticator(apply: (request: OutgoingRequest) => void): Authenticator {
  return { apply: async (request) => apply(request), renew: async () => false };
}

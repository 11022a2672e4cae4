/** A request as it came in: nothing of it is believed yet. */
export interface SignedRequest {
  readonly method: string;
  /** As the sender knows it. */
  readonly url: string;
  /** By name in lower case; what came several times is one text. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that came: anything that reads and writes them again may change what was signed. */
  readonly body: Buffer;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** A request came from who knows the secret. */
export interface Proof {
  /** What another delivery cannot have; absent where a scheme signs the same content alike every time. */
  readonly once?: string;
}

/** Judges whether a request was sent by who knows the secret. @returns undefined where not; why not is nobody's business */
export type SignatureCheck = (request: SignedRequest, secret: string) => Proof | undefined | Promise<Proof | undefined>;

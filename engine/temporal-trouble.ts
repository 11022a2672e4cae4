/** Where a program wanted to reach Temporal, and with what. */
export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  readonly isTls: boolean;
  readonly hasClientCertificate: boolean;
}

/** Why Temporal was not reached: `refused` by it for a key or certificate, `misconfigured` here, or just not there. The sentence says what to do. */
export interface TemporalTrouble {
  readonly kind: 'refused' | 'misconfigured' | 'unreachable';
  readonly message: string;
}

type Judge = (place: TemporalPlace) => TemporalTrouble;

/** By the words of Temporal's two transports (gRPC of Node, tonic and rustls) and of Node's TLS; first match wins. */
const TROUBLES: readonly (readonly [words: RegExp, judge: Judge])[] = [
  [
    /unauthenticated|valid authentication credentials|PERMISSION_DENIED|does not have permission|Request unauthorized/i,
    ({ address, namespace }) => ({
      kind: 'refused',
      message: `Temporal at ${address} refused the credentials for namespace ${namespace}. Check TEMPORAL_API_KEY (is it complete, not expired, allowed to use this namespace?) and TEMPORAL_NAMESPACE.`,
    }),
  ],
  [
    /Namespace \S+ (is|was) not found|NamespaceNotFound/i,
    ({ address, namespace }) => ({
      kind: 'misconfigured',
      message: `Temporal at ${address} has no namespace ${namespace}. Check TEMPORAL_NAMESPACE; on Temporal Cloud it is NAME.ACCOUNT.`,
    }),
  ],
  [
    /no start line|PEM|PrivateKeyParse|CertificateParse|BadEncoding|KEY_VALUES_MISMATCH|key values mismatch|KeyMismatch|InconsistentKeys/i,
    () => ({
      kind: 'misconfigured',
      message:
        'A certificate or key for Temporal cannot be used: each must be PEM, and the key that of the certificate. Check what the TEMPORAL_TLS_ variables name.',
    }),
  ],
  [
    /NotValidForName|ALTNAME_INVALID/i,
    ({ address }) => ({
      kind: 'misconfigured',
      message: `The certificate of ${address} is for another name. Check TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to the name in it.`,
    }),
  ],
  [
    /InvalidCertificate\(Expired|CERT_HAS_EXPIRED/i,
    ({ address }) => ({
      kind: 'misconfigured',
      message: `The certificate of ${address} has expired. Whoever runs that server must renew it; check this machine's clock, too.`,
    }),
  ],
  [
    /UnknownIssuer|UNABLE_TO_(VERIFY|GET)|SELF_SIGNED|CaUsedAsEndEntity|BadSignature/i,
    ({ address }) => ({
      kind: 'misconfigured',
      message: `The certificate of ${address} is signed by an authority that is not trusted here. Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the one that signed it.`,
    }),
  ],
  [
    /InvalidContentType|WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    ({ address }) => ({
      kind: 'misconfigured',
      message: `What answers at ${address} does not speak TLS. Check TEMPORAL_ADDRESS, or unset TEMPORAL_TLS and TEMPORAL_API_KEY, which ask for it.`,
    }),
  ],
  [
    /CertificateRequired|certificate required|CERTIFICATE_REQUIRED|UnknownCA|unknown ca|BadCertificate|bad certificate|CertificateExpired|CertificateUnknown|AccessDenied/i,
    certificateRefused,
  ],
];

/** Broken off by the other side after it had answered. */
const BROKEN_OFF = /ECONNRESET|ConnectionReset|BrokenPipe|broken pipe|hyper::Error|frame|socket hang up|ended without a word/i;

/** @param words what whoever tried was told, as it is */
export function temporalTrouble(words: string, place: TemporalPlace): TemporalTrouble {
  const known = TROUBLES.find(([pattern]) => pattern.test(words));
  if (known !== undefined) return known[1](place);
  if (BROKEN_OFF.test(words)) return place.isTls ? certificateRefused(place) : wantsTls(place);
  return {
    kind: 'unreachable',
    message: `No Temporal server answers at ${place.address}. Start one with "syncline dev", or set TEMPORAL_ADDRESS to the one you have.`,
  };
}

/** Words for `settingsTrouble` where half of a client certificate is given: it would be left out without a word. */
export function halfOfPair(tls: { readonly clientCert?: unknown; readonly clientKey?: unknown } | undefined): string | undefined {
  if (tls === undefined || (tls.clientCert === undefined) === (tls.clientKey === undefined)) return undefined;
  return tls.clientKey === undefined ? 'there is a client certificate, and no key for it' : 'there is the key of a client certificate, and no certificate';
}

/** @param words why Temporal's settings could not be read */
export function settingsTrouble(words: string): TemporalTrouble {
  const message = `Temporal's settings (TEMPORAL_ variables, temporal.toml) cannot be used: ${words.replace(/\.$/, '')}. Check what they name.`;
  return { kind: 'misconfigured', message };
}

function certificateRefused({ address, hasClientCertificate }: TemporalPlace): TemporalTrouble {
  const message = hasClientCertificate
    ? `${address} refused the client certificate. Check TEMPORAL_TLS_CLIENT_CERT_PATH: has it expired, and is its authority the one that the namespace trusts?`
    : `${address} wants a client certificate. Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or TEMPORAL_API_KEY with an address that takes keys.`;
  return { kind: 'refused', message };
}

function wantsTls({ address }: TemporalPlace): TemporalTrouble {
  return {
    kind: 'misconfigured',
    message: `Something answers at ${address}, but not as a Temporal server without TLS does. Set TEMPORAL_TLS=true if it wants TLS, else check TEMPORAL_ADDRESS.`,
  };
}

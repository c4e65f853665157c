import type { TransportError, TransportErrorCode } from "./transport-error.ts";

const ALLOW = 'allow it with "serve --allow-networks" (your own broker: "allowNetworks" in config.json)';

/** By our own word for it. */
const REFUSED: Partial<Record<TransportErrorCode, string>> = {
  address_refused: `its address is not public: ${ALLOW}`,
  url_refused: `it is named by http, by a port or by a name of an internal network: ${ALLOW}`,
  timeout: "it did not answer in time",
  reset: "the connection broke",
};

/** The system's or OpenSSL's code → what is wrong, and what mends it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^ENOTFOUND$/, "there is no host of that name"],
  [/^EAI_AGAIN$/, "the name server did not answer"],
  [/^ECONNREFUSED$/, "nothing listens there"],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, "there is no way to its network"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate is for another name"],
  [
    /SELF_SIGNED|UNABLE_TO/,
    "its certificate is signed by an unknown authority: name that one's file in NODE_EXTRA_CA_CERTS",
  ],
];

/** How many causes deep a code can lie. */
const DEEPEST = 5;

/**
 * Why a server could not be reached, as the end of a sentence, for whoever runs the broker. Strangers are not told: who may
 * name any address could map the broker's network by it. Undefined: nobody knows more.
 */
export function whyUnreachable(error: TransportError): string | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth++, at = at.cause) {
    const { code } = at as Error & { readonly code?: unknown };
    const reason = REASONS.find(([pattern]) => pattern.test(String(code)));
    if (reason) return reason[1];
  }
  return REFUSED[error.code];
}

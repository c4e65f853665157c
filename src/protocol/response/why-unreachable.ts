import type { TransportError, TransportErrorCode } from "./transport-error.ts";

const ALLOW = 'allow it with "serve --allow-networks" (your own broker: "allowNetworks" in config.json)';

/** By our own word for it. */
const REFUSED: Partial<Record<TransportErrorCode, string>> = {
  address_refused: `its address is not public: ${ALLOW}`,
  url_refused: `it is named by http, by a port or by a name of an internal network: ${ALLOW}`,
  timeout: "it did not answer in time",
  reset: "the connection broke",
  aborted: "no answer came while its operation lasted",
};

/** The system's, OpenSSL's or a proxy's code → what is wrong, and what mends it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^PROXY_UNREACHABLE$/, "the proxy of HTTPS_PROXY cannot be reached"],
  [/^PROXY_ENDED$/, "the proxy of HTTPS_PROXY ended the connection"],
  [
    /^PROXY_407$/,
    "the proxy wants another name or password (407): HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT gives them",
  ],
  [/^PROXY_403$/, 'the proxy does not allow it (403): if it goes by names, "serve --proxy-resolves" tells it the name'],
  [/^PROXY_(502|503|504)$/, "the proxy could not reach it ($1)"],
  [/^PROXY_(\d+)$/, "the proxy did not connect to it ($1)"],
  [/^ENOTFOUND$/, "there is no host of that name"],
  [/^EAI_AGAIN$/, "the name server did not answer"],
  [/^ECONNREFUSED$/, "nothing listens there"],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, "there is no way to its network"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate is for another name"],
  [
    /SELF_SIGNED|UNABLE_TO/,
    "its certificate is signed by an unknown authority: name that one's file with --ca-file (COATCHECK_CA_FILE) or in NODE_EXTRA_CA_CERTS",
  ],
];

/** How many causes deep a code can lie. */
const DEEPEST = 5;

/**
 * Why a server could not be reached, as the end of a sentence, for whoever runs the broker. Strangers are not told: who may
 * name any address could map the broker's network by it. Undefined: nobody knows more.
 */
export function whyUnreachable(error: TransportError): string | undefined {
  const said = new Set<string>();
  let at: unknown = error;
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth++, at = at.cause) {
    const code = String((at as Error & { readonly code?: unknown }).code);
    const [pattern, reason] = REASONS.find(([each]) => each.test(code)) ?? [];
    const [named = ""] = pattern?.exec(code) ?? [];
    if (pattern && reason !== undefined) said.add(named.replace(pattern, reason));
  }
  // A proxy that cannot be reached, and why it cannot.
  return said.size > 0 ? [...said].join(": ") : REFUSED[error.code];
}

/** The address policy forbids it, which no waiting mends. */
export function isForbidden({ code }: TransportError): boolean {
  return code === "address_refused" || code === "url_refused";
}

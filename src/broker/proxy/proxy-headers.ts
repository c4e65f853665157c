import { invalid } from "../errors.ts";

/** Names and values in turn, as they came over the wire. */
export type RawHeaders = readonly string[];

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** RFC 9110 7.6.1: of one connection, not of the message. */
const HOP_BY_HOP = words("connection keep-alive proxy-connection te trailer transfer-encoding upgrade");

/** What the broker says itself, what names somebody, and what would make a request another one behind. */
const NOT_PASSED_ON = new Set([
  ...HOP_BY_HOP,
  ...words("authorization cookie dpop host content-length expect forwarded via x-real-ip x-client-ip x-original-url"),
  ...words("x-rewrite-url x-http-method-override x-http-method x-method-override"),
  // Nothing is unpacked here, so only an answer that is not packed can be searched for the token.
  "accept-encoding",
]);
const NOT_PASSED_ON_PREFIXES = ["proxy-", "x-forwarded-", "x-vault-", "sec-"];

/** Naming one of these as a header of the connection is an attempt to have it taken away (CVE-2025-48865). */
const NEVER_OF_THE_CONNECTION = /^(?:authorization|cookie|dpop|host|content-.*|x-forwarded-.*|forwarded|via|date)$/;

/** The headers of a request that are passed on. Throws `BrokerError` for a `Connection` that attacks. */
export function requestHeaders(raw: RawHeaders): Record<string, string> {
  const pairs = pairsOf(raw);
  const named = connectionOptions(pairs.filter(([name]) => name === "connection").map(([, value]) => value));
  if (named.some((name) => NEVER_OF_THE_CONNECTION.test(name)))
    throw invalid("Connection names a header that describes the message");
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) {
    if (!isPassedOn(name) || named.includes(name)) continue;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function isPassedOn(name: string): boolean {
  // CVE-2025-64484: to some servers an underscore is a dash.
  return (
    !name.includes("_") && !NOT_PASSED_ON.has(name) && !NOT_PASSED_ON_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

function pairsOf(raw: RawHeaders): (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""] as const] : []));
}

function connectionOptions(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(",")).map((option) => option.trim().toLowerCase());
}

/** Of an answer: what would act in the broker's name, or on whoever shows it. */
const NOT_ANSWERED = new Set([
  ...HOP_BY_HOP,
  ...words("set-cookie set-cookie2 www-authenticate authentication-info proxy-authenticate proxy-authentication-info"),
  ...words("alt-svc clear-site-data content-security-policy content-security-policy-report-only public-key-pins nel"),
  ...words("strict-transport-security refresh report-to service-worker-allowed x-powered-by location content-location"),
]);

type UpstreamHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The headers of an answer that are passed on; none that repeats the token. */
export function answerHeaders(headers: UpstreamHeaders, token: string): Record<string, string | string[]> {
  const named = connectionOptions([headers.connection ?? []].flat());
  const kept = Object.entries(headers).filter(([name, value]) => {
    const passed = !NOT_ANSWERED.has(name) && !name.startsWith("access-control-") && !named.includes(name);
    return passed && ![value].flat().some((one) => one.includes(token));
  });
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === "string" ? value : [...value]]));
}

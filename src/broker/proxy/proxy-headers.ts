import { invalid } from "../errors.ts";
import { tells } from "./token-search.ts";

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
  // The answer is searched for the token: packed it would have to be unpacked, in pieces each would have a part of it, and in
  // UTF-16 nothing would be found.
  ...words("accept-encoding range if-range accept-charset"),
]);
const NOT_PASSED_ON_PREFIXES = ["proxy-", "x-forwarded-", "x-vault-", "sec-"];

/** Naming one of these as a header of the connection is an attempt to have it taken away (CVE-2025-48865). */
const NEVER_OF_THE_CONNECTION = /^(?:authorization|cookie|dpop|host|content-.*|x-forwarded-.*|forwarded|via|date)$/;

/** The headers of a request that are passed on. Throws `BrokerError` for a `Connection` that attacks. */
export function requestHeaders(raw: RawHeaders): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  const connection: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    if (name === "connection") connection.push(value);
    else if (isPassedOn(name)) headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  for (const name of connectionOptions(connection)) {
    if (NEVER_OF_THE_CONNECTION.test(name)) throw invalid("Connection names a header that describes the message");
    delete headers[name];
  }
  return headers;
}

function isPassedOn(name: string): boolean {
  // CVE-2025-64484: to some servers an underscore is a dash.
  return (
    !name.includes("_") && !NOT_PASSED_ON.has(name) && !NOT_PASSED_ON_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
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
  // Nobody gets a part: see `Range`.
  "accept-ranges",
  // Orders to a reverse proxy in front of the broker: to send a file of its own, to ask elsewhere, to keep the answer.
  ...words("x-sendfile x-lighttpd-send-file x-reproxy-url surrogate-control surrogate-key edge-control"),
]);
const NOT_ANSWERED_FORMS = /^access-control-|^x-accel-|^coatcheck-|cdn-cache-control$/;

type UpstreamHeaders = Readonly<Record<string, string | readonly string[]>>;

/**
 * The headers of an answer that are passed on; none that repeats a token. What was asked for with somebody's token is
 * theirs alone, whatever the API says of it: no shared cache may keep it (RFC 9111 3.5 and 5.2.2.7).
 */
export function answerHeaders(headers: UpstreamHeaders, tokens: readonly string[]): Record<string, string | string[]> {
  const named = connectionOptions([headers.connection ?? []].flat());
  const kept = Object.entries(headers).filter(([name, value]) => {
    const passed = !NOT_ANSWERED.has(name) && !NOT_ANSWERED_FORMS.test(name) && !named.includes(name);
    return passed && ![name, ...[value].flat()].some((one) => tells(one, tokens));
  });
  const passed = Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
  return { ...passed, "cache-control": privately(passed["cache-control"]), vary: withAuthorization(passed.vary) };
}

/** Of a shared cache alone (RFC 9111 5.2.2); and `private` itself, which with a list of fields lets it keep the rest. */
const SHARED = /^(?:public|s-maxage|private)(?:=|$)/;

function privately(given: string | string[] = []): string {
  // A quoted list of fields is one directive.
  const directives =
    [given]
      .flat()
      .join(",")
      .match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  const kept = directives.map((one) => one.trim()).filter((one) => one !== "" && !SHARED.test(one.toLowerCase()));
  return ["private", ...kept].join(", ");
}

function withAuthorization(given: string | string[] = []): string {
  return [...[given].flat(), "Authorization"].join(", ");
}

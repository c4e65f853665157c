import { basicCredentials } from "../../../protocol/client/client-authentication.ts";
import type { Client } from "../../../protocol/client.ts";
import type { TriedExchange } from "../../server-trial.ts";

const MASK = "[masked]";

/** Characters of an answer that are shown: more than any metadata document has. */
const MOST_SHOWN = 16_384;

/** Characters that secrets are looked for in, and those at the end of them where half a secret may stand: nothing of them is shown. */
const MOST_READ = 65_536;
const EDGE = 8_192;

/** Parameters and members whose values open something, whoever made them, as they are spelled anywhere. */
const NAMES = "(?:access|refresh|id|registration_?access)_?token|device_?code|client_?(?:secret|assertion)";

/**
 * Such a member at any depth, also in a text within a text, in what is not quite JSON and in what breaks off. Whatever decides where
 * a value ends is found in one pass, since an answer may be as hostile as it likes.
 */
const MEMBER = new RegExp(`((?:${NAMES})\\\\*"\\s*:\\s*)(\\\\*"(?:[^"\\\\]|\\\\[^])*|[\\w.+/=-]+)`, "gi");

/** The same in a form, or in an address. */
const PARAMETER = new RegExp(`(\\b(?:${NAMES})=)([^&\\s"'<]+)`, "gi");

const SECRET_HEADERS: ReadonlySet<string> = new Set(["authorization", "set-cookie", "cookie"]);

/** What an exchange must not show of a client: its secret, also as it goes out. */
export function secretsToMask({ clientId, authentication }: Client): readonly string[] {
  if (!("secret" in authentication)) return [];
  const { secret } = authentication;
  const sent = [basicCredentials(clientId, secret), basicCredentials(secret, "")].map((one) =>
    one.slice("Basic ".length),
  );
  const base64 = [secret, `${clientId}:${secret}`].map((one) => Buffer.from(one).toString("base64"));
  const coded = [...sent, ...base64].map((one) => one.replace(/=+$/, ""));
  return [secret, ...coded, ...coded.map((one) => one.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** As it went and came, secrets and all. */
export interface Recorded extends Omit<TriedExchange, "answer"> {
  readonly answer?: Omit<NonNullable<TriedExchange["answer"]>, "isCut">;
}

/**
 * The same exchange without secrets, and then cut: half of one would be known no more. The client's go in each spelling that is usual,
 * tokens where they are named; `shown` is what was made up and opens nothing.
 */
export function masked(exchange: Recorded, secrets: readonly string[], shown: readonly string[]): TriedExchange {
  const { url, headers, body, answer, ...more } = exchange;
  const own = anySpelling(secrets);
  const named = (all: string, name: string, value: string) => (shown.includes(value) ? all : `${name}${MASK}`);
  const hide = (text: string) => {
    const rest = own ? text.replaceAll(own, MASK) : text;
    return rest.replace(MEMBER, (_all, name: string) => `${name}"${MASK}`).replace(PARAMETER, named);
  };
  const hideAll = (texts: TriedExchange["headers"]) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, hideHeader(name, hide(text))]));
  return {
    ...more,
    url: hide(url),
    headers: hideAll(headers),
    ...(body !== undefined && { body: hide(body) }),
    ...(answer && { answer: { ...answer, headers: hideAll(answer.headers), ...cut(answer.body, hide) } }),
  };
}

/** Of `Authorization` the scheme is of interest. */
function hideHeader(name: string, text: string): string {
  if (!SECRET_HEADERS.has(name.toLowerCase())) return text;
  const [scheme = ""] = /^[A-Za-z]+ /.exec(text) ?? [];
  return `${scheme}${MASK}`;
}

function cut(body: string, hide: (text: string) => string) {
  const isLong = body.length > MOST_READ;
  const hidden = hide(isLong ? body.slice(0, MOST_READ) : body);
  const whole = isLong ? hidden.slice(0, -EDGE) : hidden;
  const isCut = isLong || whole.length > MOST_SHOWN;
  return { body: isCut ? whole.slice(0, MOST_SHOWN).toWellFormed() : whole, isCut };
}

/** Secrets in whatever mixture of spellings: each letter as it is, and as forms, URLs, JSON (in JSON) and HTML write it. */
function anySpelling(secrets: readonly string[]): RegExp | undefined {
  const longestFirst = secrets.filter((secret) => secret !== "").toSorted((one, other) => other.length - one.length);
  const patterns = longestFirst.map((secret) => [...secret].map(letterPattern).join(""));
  return patterns.length === 0 ? undefined : new RegExp(patterns.join("|"), "gi");
}

const NAMED: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

function letterPattern(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  const percent = [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const units = Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at).toString(16).padStart(4, "0"));
  const entity = `&(?:#0*${code}|#x0*${code.toString(16)}${NAMED[letter] ? `|${NAMED[letter]}` : ""});`;
  const json = units.map((unit) => `\\\\{1,3}u${unit}`).join("");
  const space = letter === " " ? "|\\+" : "";
  return `(?:\\\\{0,3}${letter.replace(/[^\w]/, "\\$&")}|${percent}|${json}|${entity}${space})`;
}

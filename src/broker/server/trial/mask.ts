import { basicCredentials } from "../../../protocol/client/client-authentication.ts";
import type { Client } from "../../../protocol/client.ts";
import type { TriedExchange } from "../../server-trial.ts";

const MASK = "[masked]";

/** Characters of an answer that are shown: more than any metadata document has. */
const MOST_SHOWN = 16_384;

/** Parameters and members whose values open something, whoever made them. */
const SECRET_NAMES = [
  ..."access_token refresh_token id_token device_code client_secret client_assertion".split(" "),
  "registration_access_token",
];

/** A member of that name at any depth, also in what is not quite JSON: its value as it is written. */
const SECRET_MEMBER = new RegExp(`"(?:${SECRET_NAMES.join("|")})"\\s*:\\s*("(?:[^"\\\\]|\\\\.)+")`, "g");

/** What an exchange must not show of a client: its secret, also as it goes out. */
export function secretsToMask({ clientId, authentication }: Client): readonly string[] {
  if (!("secret" in authentication)) return [];
  const { secret } = authentication;
  const sent = [basicCredentials(clientId, secret), basicCredentials(secret, "")];
  return [secret, ...sent.map((header) => header.slice("Basic ".length))];
}

/**
 * The same exchange without secrets, in whatever spelling they stand, and then cut: half of one would be known no more. `shown` is
 * what was made up and opens nothing.
 */
export function masked(exchange: TriedExchange, secrets: readonly string[], shown: readonly string[]): TriedExchange {
  const { headers, body, answer } = exchange;
  const carried = [body, answer?.body].flatMap((text = "") => [...formSecrets(text), ...jsonSecrets(text)]);
  const all = [...secrets, ...carried, bearerOf(headers)].filter((secret) => secret !== "" && !shown.includes(secret));
  const spellings = [...new Set(all.flatMap(spellingsOf))].toSorted((one, other) => other.length - one.length);
  const hide = (text: string) => spellings.reduce((left, spelling) => left.replaceAll(spelling, MASK), text);
  const hideAll = (texts: TriedExchange["headers"]) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, hide(text)]));
  return {
    ...exchange,
    url: hide(exchange.url),
    headers: hideAll(headers),
    ...(body !== undefined && { body: hide(body) }),
    ...(answer && { answer: { ...answer, headers: hideAll(answer.headers), ...cut(hide(answer.body)) } }),
  };
}

function cut(body: string) {
  const isCut = body.length > MOST_SHOWN;
  return { body: isCut ? body.slice(0, MOST_SHOWN).toWellFormed() : body, isCut };
}

function formSecrets(body: string): readonly string[] {
  const form = new URLSearchParams(body);
  return SECRET_NAMES.map((name) => form.get(name) ?? "");
}

/** As they are written, and what they mean. */
function jsonSecrets(body: string): readonly string[] {
  return [...body.matchAll(SECRET_MEMBER)].flatMap(([, written = '""']) => {
    try {
      return [written.slice(1, -1), String(JSON.parse(written))];
    } catch {
      return [written.slice(1, -1)];
    }
  });
}

function bearerOf({ authorization = "" }: TriedExchange["headers"]): string {
  return authorization.slice(authorization.indexOf(" ") + 1);
}

/** As it is, and as forms, URLs, JSON and Base64 write it. */
function spellingsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  const base64 = Buffer.from(secret).toString("base64");
  return [secret, form, encodeURIComponent(secret), json, json.replaceAll("/", "\\/"), base64];
}

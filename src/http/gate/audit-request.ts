import type { FastifyRequest } from "fastify";
import type { Salted } from "../../audit/salted.ts";
import { JsonNumber, readNumbers } from "../input/json-number.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { sentWith } from "./door.ts";
import { isNowhere, routeOf } from "./offers.ts";

/** What a request said, as lines have it. */
export interface Sent {
  readonly operation: string;
  /** Hashed; undefined where nothing was sent. */
  data(salted: Salted): unknown;
  /** Every text in it, which an error may repeat. */
  readonly texts: readonly string[];
}

/** More values than this are told by their number: whoever sends them does not get all of them hashed. */
export const MOST_VALUES = 2_000;

/** Before it is validated: of a write its body, of anything else its query. */
export function sentBy(request: FastifyRequest, operation: string): Sent {
  const [sent, schema] = sentWith(request);
  const fields = schema?.properties ?? {};
  const texts = sent.flatMap(([, value]) => textsIn(value));
  return {
    operation,
    texts,
    data: (salted) => {
      if (sent.length === 0) return undefined;
      if (texts.length + sent.length > MOST_VALUES) return { elided: texts.length };
      // A name that nobody asked for may be anything, also a secret in a wrong place.
      return Object.fromEntries(
        sent.map(([name, value]) => {
          const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
          const isNumber = NUMBERS.has(field?.["x-vault-type"] ?? "");
          return field
            ? [name, salted.values(plain(value, isNumber))]
            : [salted.of(name), salted.whole(plain(value, false))];
        }),
      );
    },
  };
}

const NUMBERS: ReadonlySet<string> = new Set(["Int", "Float", "DurationSecond", "Time"]);

/** A number stays one where its field is; elsewhere it may be a code. */
function plain(value: unknown, isNumber: boolean): unknown {
  return readNumbers(value, ({ text }) => (isNumber ? Number(text) : text));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (value instanceof JsonNumber) return [value.text];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Parts of a route that are a secret, or lead to one at whom they are passed on to. */
const SECRET_PARTS: Readonly<Record<string, string>> = {
  "/mcp/:server/:secret": ":secret",
  "/session/proxy/:api/*": "*",
};

/** By the route, with what the router put in for names; what has no route may be anything, and is hashed. */
export function pathFor(salted: Salted, request: FastifyRequest): string {
  if (isNowhere(request)) return salted.of(request.raw.url ?? "");
  const { url = "" } = routeOf(request);
  const names = textsByName(request.params);
  const path = url
    .split("/")
    .map((part) => {
      const value = part === "*" ? names["*"] : part.startsWith(":") ? names[part.slice(1)] : part;
      return value !== undefined && value !== "" && SECRET_PARTS[url] === part ? salted.of(value) : (value ?? "");
    })
    .join("/");
  return path.startsWith("/v1/") ? path.slice("/v1/".length) : path.slice(1);
}

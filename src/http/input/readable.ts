import { badRequest } from "../answer/http-error.ts";
import { isForm } from "./body.ts";
import { isEncoded, rawQuery } from "./query.ts";

/** Of a request what is needed here. */
interface Target {
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  readonly url?: string | undefined;
}

interface Sent {
  readonly method?: string | undefined;
  readonly headers: { "content-type"?: string | undefined };
}

/** vault-http.md 1.2: GET, DELETE and LIST take the query, writes the body. */
export function takesBody(method: string): boolean {
  return method === "PUT" || method === "POST";
}

/** JSON comes with any Content-Type, also one that is none, which Fastify would refuse; only a form's type means anything. */
export function forgetType({ method = "", headers }: Sent): void {
  if (takesBody(method) && !isForm(headers["content-type"] ?? "")) delete headers["content-type"];
}

/** RFC 9112 3.2: exactly one Host (Node's own refusal has no body); and a query that can be decoded. */
export function requireReadable({ rawHeaders, httpVersion, url = "" }: Target): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1 || (hosts === 0 && httpVersion === "1.1")) throw badRequest("bad request");
  if (!isEncoded(rawQuery(url))) throw badRequest("bad request");
}

import type { TestContext } from "node:test";
import { startApi, textOf } from "../servers/api-server.ts";
import { beginActive, startSessions } from "../support/sessions.ts";
import type { Places } from "./checks.ts";

/** A broker, a session, and the API that the checks ask. */
export async function placesFor(t: TestContext): Promise<{ readonly places: Places; refreshes(): number }> {
  const pair = await startSessions(t);
  const { secret } = await beginActive(pair);
  const [api, other] = [await startApi(t), await startApi(t)];
  const isTold = (authorization: string | undefined) => (authorization ? "with a token" : "without a token");
  other.handle = (_request, response, { headers }) => void response.end(isTold(headers.authorization));
  let first: string | undefined;
  api.handle = async (request, response, seen) => {
    const { target, method, headers } = seen;
    first ??= headers.authorization;
    seen.body = await textOf(request);
    if (target === "/first-token-refused") response.statusCode = headers.authorization === first ? 401 : 200;
    if (target === "/events")
      return response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    if (target === "/redirect-here") return response.writeHead(307, { location: "/here" }).end();
    if (target === "/redirect-away") return response.writeHead(307, { location: `${other.url}/away` }).end();
    if (target === "/more-scopes")
      response.writeHead(403, { "www-authenticate": 'Bearer error="insufficient_scope", scope="more"' });
    const own = { "x-method": method, "x-own": String(headers["x-own"] ?? "") };
    if (!response.headersSent) for (const [name, value] of Object.entries(own)) response.setHeader(name, value);
    return response.end(target === "/here" ? isTold(headers.authorization) : seen.body);
  };
  const refreshes = () => pair.as.requests.filter(({ form }) => form.get("grant_type") === "refresh_token").length;
  return { places: { broker: pair.running.address, secret, api: api.url, other: other.url }, refreshes };
}

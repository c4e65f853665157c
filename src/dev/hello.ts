import type { IncomingMessage, ServerResponse } from "node:http";

/** What the demo server knows of an access token that is good. */
export interface Holder {
  readonly person: string;
  readonly scopes: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** An API that takes the demo server's tokens (RFC 6750 2.1, 3), so that one can be seen used: `GET /api/hello`. */
export function helloApi(find: (token: string) => Promise<Holder | undefined>) {
  return async ({ url = "", headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!/\/api\/hello(\?|$)/.test(url)) return answer(response, 404, { error: "there is only /api/hello" });
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
    const holder = await find(token);
    if (!holder) {
      const error = token === "" ? "" : ', error="invalid_token"';
      response.setHeader("www-authenticate", `Bearer realm="demo"${error}`);
      return answer(response, 401, { error: token === "" ? "send a token" : "this token is unknown or has expired" });
    }
    const { person, scopes, expiresIn } = holder;
    const begin = `${token.slice(0, 4)}…`;
    answer(response, 200, { hello: person, scopes, token: begin, token_expires_in: expiresIn });
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}

import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { portOf } from "./free-port.ts";
import { type IdTokens, idTokensOf } from "./id-tokens.ts";

export interface JwtIssuer {
  readonly issuer: string;
  readonly tokens: IdTokens;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** From now on it answers nothing but errors. */
  fail(): void;
}

/** What a CI system has of OpenID: discovery and keys, by which others verify the tokens that it signs. */
export async function startJwtIssuer(t: TestContext): Promise<JwtIssuer> {
  let [asked, fails] = [0, false];
  const server = createServer((request, response) => {
    const isKeys = request.url === "/keys";
    if (isKeys) asked += 1;
    const metadata = {
      issuer,
      jwks_uri: `${issuer}/keys`,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
    };
    const known = isKeys || request.url === "/.well-known/openid-configuration";
    response.writeHead(fails ? 500 : known ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isKeys ? tokens.jwks : metadata));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  const tokens = idTokensOf(issuer);
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return {
    issuer,
    tokens,
    asked: () => asked,
    fail: () => {
      fails = true;
    },
  };
}

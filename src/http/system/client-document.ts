import type { FastifyRequest } from "fastify";
import { unsupportedPath } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** How long others may keep it. Seconds. */
const KEPT_S = 3_600;

const URL = "/oauth/client.json";
const OF_ISSUER = "/oauth/client";
const KEYS = "/oauth/jwks.json";

/**
 * The broker's own Client ID Metadata Documents (MCP-R2), one for each issuer, whose callback is of it alone (BCP-04): their URLs are
 * client ids at servers that take those. The one for all is of logins that were begun before. Of a broker that others reach by https alone; elsewhere there is none. With a key to sign with, its public half is beside it.
 */
export function clientDocument(
  app: VaultApp,
  { publicUrl, mounts, clientKey }: Pick<Deps, "publicUrl" | "mounts" | "clientKey">,
): void {
  if (!publicUrl?.startsWith("https:")) return;
  const document = (url: string, end: string) => ({
    client_id: publicUrl + url,
    client_name: "Coatcheck",
    client_uri: `${publicUrl}/`,
    redirect_uris: mounts.paths().map((mount) => `${publicUrl}/v1/${mount}/callback${end}`),
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(clientKey
      ? { token_endpoint_auth_method: "private_key_jwt", jwks_uri: publicUrl + KEYS }
      : { token_endpoint_auth_method: "none" }),
    application_type: "web",
  });
  publish(app, URL, () => document(URL, ""));
  publish(app, `${OF_ISSUER}/:issuer`, ({ params }) => {
    const { issuer = "" } = textsByName(params);
    if (!/^[\w-]{22}$/.test(issuer)) throw unsupportedPath();
    return document(`${OF_ISSUER}/${issuer}`, `/${issuer}`);
  });
  if (clientKey) publish(app, KEYS, () => ({ keys: [clientKey] }));
}

/** What anybody may read, and keep for an hour. */
function publish(app: VaultApp, url: string, document: (request: FastifyRequest) => object): void {
  app.get(url, {
    schema: { hide: true },
    handler: async (request, reply) =>
      reply
        .code(200)
        .header("content-type", "application/json")
        .header("cache-control", `public, max-age=${KEPT_S}`)
        .header("access-control-allow-origin", "*")
        .send(Buffer.from(`${JSON.stringify(document(request))}\n`)),
  });
}

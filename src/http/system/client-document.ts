import type { Deps, VaultApp } from "../app-types.ts";

/** How long others may keep it. Seconds. */
const KEPT_S = 3_600;

const URL = "/oauth/client.json";
const KEYS = "/oauth/jwks.json";

/**
 * The broker's own Client ID Metadata Document (MCP-R2): its URL is a client id at servers that take those. Of a broker that
 * others reach by https alone; elsewhere there is none. With a key to sign with, its public half is beside it.
 */
export function clientDocument(
  app: VaultApp,
  { publicUrl, mounts, clientKey }: Pick<Deps, "publicUrl" | "mounts" | "clientKey">,
): void {
  if (!publicUrl?.startsWith("https:")) return;
  const document = () => ({
    client_id: publicUrl + URL,
    client_name: "Coatcheck",
    client_uri: `${publicUrl}/`,
    redirect_uris: mounts.paths().map((mount) => `${publicUrl}/v1/${mount}/callback`),
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(clientKey
      ? { token_endpoint_auth_method: "private_key_jwt", jwks_uri: publicUrl + KEYS }
      : { token_endpoint_auth_method: "none" }),
    application_type: "web",
  });
  publish(app, URL, document);
  if (clientKey) publish(app, KEYS, () => ({ keys: [clientKey] }));
}

/** What anybody may read, and keep for an hour. */
function publish(app: VaultApp, url: string, document: () => object): void {
  app.get(url, {
    schema: { hide: true },
    handler: async (_request, reply) =>
      reply
        .code(200)
        .header("content-type", "application/json")
        .header("cache-control", `public, max-age=${KEPT_S}`)
        .header("access-control-allow-origin", "*")
        .send(Buffer.from(`${JSON.stringify(document())}\n`)),
  });
}

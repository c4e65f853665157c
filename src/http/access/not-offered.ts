import { ListParameters } from "../../api/index.ts";
import { badRequest } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";

/** What clients would take a 404 for: none of them yet, or an answer that got lost. */
const NOT_OFFERED = {
  "/v1/sys/namespaces": "namespaces are not supported",
  "/v1/sys/plugins/catalog": "plugins are not supported: the engine oauthapp is built in",
  "/v1/sys/remount": "mounts cannot be moved: credentials of another mount are written there anew",
} as const;

/** `namespace list`, `plugin list`: a sentence for people, by whichever method and below too. */
export function notOffered(app: VaultApp): void {
  for (const [url, text] of Object.entries(NOT_OFFERED)) {
    for (const path of [url, `${url}/*`]) {
      app.all(path, {
        // A list is meant too, which other paths refuse.
        schema: { hide: true, querystring: ListParameters },
        onRequest: async () => {
          throw badRequest(text);
        },
        handler: async () => {},
      });
    }
  }
}

import { chooseLanguage } from "../../messages/language.ts";
import { WALK_LANGUAGES } from "../../messages/walk/index.ts";
import { HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { walkPage } from "../pages/walk-page.ts";

/** The guided walk (matrix.md section 15): a page and its scripts. What it asks, the browser asks; nothing passes through here. */
export function walk(app: VaultApp, { walkFiles, simulators = [], mounts }: Deps): void {
  app.get("/walk", {
    schema: { hide: true },
    handler: async ({ query, headers: sent }, reply) => {
      const { lang } = query as { readonly lang?: unknown };
      const named = typeof lang === "string" ? lang : undefined;
      const language = chooseLanguage(WALK_LANGUAGES, named, sent["accept-language"]);
      const { headers, html } = walkPage(walkFiles(), { simulators, mount: mounts.first, language });
      return reply.headers(headers).send(html);
    },
  });
  app.get("/walk/*", {
    schema: { hide: true },
    handler: async (request, reply) => {
      // A look into a table, never at a disk: whatever path is asked for, only these few can be answered.
      const script = walkFiles().scripts.get(textsByName(request.params)["*"] ?? "");
      if (script === undefined) throw new HttpError(404, []);
      return reply.headers(SCRIPT_HEADERS).send(script);
    },
  });
}

const SCRIPT_HEADERS = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

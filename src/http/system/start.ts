import { unsupportedPath } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { isBrowser } from "../pages/error-page.ts";
import { startPage } from "../pages/start-page.ts";

/** What watches a site asks without wanting the page. */
const READ = ["GET", "HEAD"];

/** `/` for people; to programs it is a path that is not there. And `/robots.txt`: nothing here is for a search. */
export function start(app: VaultApp, deps: Deps): void {
  app.route({
    method: READ,
    url: "/",
    schema: { hide: true },
    handler: async (request, reply) => {
      if (!isBrowser(request)) throw unsupportedPath();
      const { headers, html } = startPage(deps);
      return reply.headers(headers).send(html);
    },
  });
  app.route({
    method: READ,
    url: "/robots.txt",
    schema: { hide: true },
    handler: async (_request, reply) =>
      reply.header("content-type", "text/plain; charset=utf-8").send("User-agent: *\nDisallow: /\n"),
  });
}

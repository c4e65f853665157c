import { answerDocs, scriptOf } from "../../docs/docs-page.ts";
import { HttpError } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** The documentation that comes with the program: pages, pictures, and what its search looks through. */
export function docs(app: VaultApp, { docs: load, walkFiles }: Deps): void {
  const answer = async (path: string) => {
    const found = answerDocs(await load(), path, scriptOf(walkFiles()));
    if (!found) throw new HttpError(404, []);
    return found;
  };
  app.get("/docs", {
    schema: { hide: true },
    handler: async (_request, reply) => {
      const { headers, body } = await answer("");
      return reply.headers(headers).send(body);
    },
  });
  app.get("/docs/*", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const { headers, body } = await answer(textsByName(request.params)["*"] ?? "");
      return reply.headers(headers).send(body);
    },
  });
}

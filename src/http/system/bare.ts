import type { TSchema } from "typebox";

/** Fastify's schema of an endpoint that answers without an envelope and without a token (vault-http.md section 3). */
export function describeBare<Query extends TSchema>(summary: string, data: TSchema, querystring: Query) {
  return {
    tags: ["status"],
    summary,
    security: [],
    querystring,
    response: { 200: { description: "Done", ...data } },
  } as { querystring: Query };
}

import type { TSchema } from "typebox";

interface Description<Body extends TSchema, Query extends TSchema> {
  readonly summary: string;
  readonly body?: Body;
  readonly querystring?: Query;
  /** Of the answer, by status. */
  readonly answers?: Readonly<Record<number, TSchema>>;
  /** 204 is an answer. */
  readonly empty?: boolean;
  /** No bearer at all. */
  readonly open?: boolean;
}

/** Fastify's schema of a route of the session API: flat answers, errors as in OAuth. */
export function describeSession<Body extends TSchema, Query extends TSchema>(description: Description<Body, Query>) {
  const { summary, body, querystring, answers = {}, empty, open } = description;
  const done = Object.entries(answers).map(([status, schema]) => [status, { description: "Done", ...schema }]);
  return {
    tags: ["session"],
    summary,
    security: open === true ? [] : [{ bearer: [] }],
    response: {
      ...Object.fromEntries(done),
      ...(empty === true && { 204: { description: "Done, nothing to say", type: "null" } }),
      "4xx": { description: "Refused", $ref: "SessionError#" },
      "5xx": { description: "Can succeed later", $ref: "SessionError#" },
    },
    ...(body !== undefined && { body }),
    ...(querystring !== undefined && { querystring }),
  } as { body: Body; querystring: Query };
}

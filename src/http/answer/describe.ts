import type { FastifySchema } from "fastify";
import { type TSchema, Type } from "typebox";
import { envelope } from "../../api/index.ts";

/** What the routes of one API have in common: who is let in, what an answer and an error look like. */
interface Form {
  /** By default a token, as the whole document says. */
  readonly security?: readonly object[];
  readonly answer: (data: TSchema) => TSchema;
  /** Name of a schema of system/openapi.ts. */
  readonly error: string;
  /** Statuses of its errors: a test compares them with every answer of the tests. */
  readonly refusals: readonly number[];
}

/** 404, 405, 413, 421, 429: of any path. 502: the same request is safe to repeat. 503: it can succeed later. */
const REFUSALS = [400, 403, 404, 405, 413, 421, 429, 500, 502, 503];

const FORMS = {
  /** Vault's envelope, and its list of errors. */
  vault: { answer: envelope, error: "Errors#", refusals: REFUSALS },
  /** Flat, errors as in OAuth. */
  session: {
    answer: (data) => data,
    error: "SessionError#",
    security: [{ bearer: [] }],
    refusals: [...REFUSALS, 401, 415].toSorted(),
  },
  /** No envelope and no token (vault-http.md section 3). */
  status: { answer: (data) => data, error: "Errors#", security: [], refusals: [400, 405, 413, 421, 429, 500] },
} as const satisfies Readonly<Record<string, Form>>;

export interface Description<Body extends TSchema, Query extends TSchema> {
  /** By default Vault's. */
  readonly form?: keyof typeof FORMS;
  /** By default the form's name. */
  readonly tag?: string;
  readonly summary: string;
  /** Nobody needs a token. */
  readonly isOpen?: true;
  readonly body?: Body;
  readonly querystring?: Query;
  /** What a success holds; in Vault's form the envelope's `data`. By default nothing but warnings. */
  readonly data?: TSchema | (() => TSchema);
  /** Media type of a success that is nothing of the form's, but text as it comes. */
  readonly media?: string;
  /** Statuses that come with it; by default 200. `default` is any other one. */
  readonly statuses?: readonly (number | "default")[];
  /** 204 is an answer too. */
  readonly empty?: boolean;
}

/** Where a schema has what is answered. */
const ANSWERS = Symbol("answers");

type Answers = Readonly<Record<string, object>>;

declare module "fastify" {
  interface FastifySchema {
    readonly [ANSWERS]?: () => Answers;
  }
}

/**
 * Fastify's schema of a route, its place in the OpenAPI document; the parameters are also what is validated. The answers, which are
 * documentation alone, are made when somebody asks: for each route, and looked through by Fastify, they were a tenth of a start.
 */
export function describe<Body extends TSchema, Query extends TSchema>(description: Description<Body, Query>) {
  const { form = "vault", tag = form, summary, body, querystring, isOpen = false } = description;
  const { security }: Form = FORMS[form];
  return {
    tags: [tag],
    summary,
    [ANSWERS]: () => responses(description, FORMS[form]),
    ...(isOpen ? { security: [] } : security !== undefined && { security }),
    ...(body !== undefined && { body }),
    ...(querystring !== undefined && { querystring }),
  } as { body: Body; querystring: Query };
}

/** The same schema with what is answered, by its status: for the document. */
export function withAnswers(schema: FastifySchema) {
  const { [ANSWERS]: answers, response: _, ...rest } = schema;
  return { ...rest, ...(answers && { response: answers() }) };
}

function responses(of: Description<TSchema, TSchema>, { answer, error, refusals }: Form): Answers {
  const { empty = false, data = Type.Null(), media, statuses = [200] } = of;
  const refused = refusals.map((status) => [status, { description: statusText(status), $ref: error }]);
  const held = typeof data === "function" ? data() : data;
  const success = media === undefined ? answer(held) : { content: { [media]: { schema: {} } } };
  const done = statuses.map((status) => [status, { description: "Done", ...success }]);
  const nothing = empty ? [[204, { description: "Done; no content", type: "null" }]] : [];
  return Object.fromEntries([...refused, ...done, ...nothing]);
}

function statusText(status: number): string {
  return status >= 500 ? "Can succeed later" : "Refused";
}

/** Of routes that take none: everything sent is ignored, with a warning. */
export const NoParameters = Type.Object({});

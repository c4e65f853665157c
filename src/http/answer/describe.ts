import { type TSchema, Type } from "typebox";
import { envelope } from "../../api/index.ts";

/** What the routes of one API have in common: who is let in, what an answer and an error look like. */
interface Form {
  /** By default a token, as the whole document says. */
  readonly security?: readonly object[];
  readonly answer: (data: TSchema) => TSchema;
  /** Name of a schema of system/openapi.ts. */
  readonly error?: string;
}

const FORMS = {
  /** Vault's envelope, and its list of errors. */
  vault: { answer: envelope, error: "Errors#" },
  /** Flat, errors as in OAuth. */
  session: { answer: (data) => data, error: "SessionError#", security: [{ bearer: [] }] },
  /** No envelope and no token (vault-http.md section 3). */
  status: { answer: (data) => data, security: [] },
} as const satisfies Readonly<Record<string, Form>>;

export interface Description<Body extends TSchema, Query extends TSchema> {
  /** By default Vault's. */
  readonly form?: keyof typeof FORMS;
  /** By default the form's name. */
  readonly tag?: string;
  readonly summary: string;
  readonly body?: Body;
  readonly querystring?: Query;
  /** What a success holds; in Vault's form the envelope's `data`. */
  readonly data?: TSchema;
  /** Of that success; by default 200. */
  readonly status?: number;
  /** 204 is an answer. */
  readonly empty?: boolean;
}

/** Fastify's schema of a route, its place in the OpenAPI document; the parameters are also what is validated. */
export function describe<Body extends TSchema, Query extends TSchema>(description: Description<Body, Query>) {
  const { form = "vault", tag = form, summary, body, querystring, data, status = 200, empty } = description;
  const { answer, error, security }: Form = FORMS[form];
  const response = {
    ...(data !== undefined && { [status]: { description: "Done", ...answer(data) } }),
    ...(empty === true && { 204: { description: "Done; no content", type: "null" } }),
    ...(error !== undefined && {
      "4xx": { description: "Refused", $ref: error },
      "5xx": { description: "Can succeed later", $ref: error },
    }),
  };
  return {
    tags: [tag],
    summary,
    response,
    ...(security !== undefined && { security }),
    ...(body !== undefined && { body }),
    ...(querystring !== undefined && { querystring }),
  } as { body: Body; querystring: Query };
}

/** Of routes that take none: everything sent is ignored, with a warning. */
export const NoParameters = Type.Object({});

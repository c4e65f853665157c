import { type TSchema, Type } from "typebox";
import { envelope } from "../../api/index.ts";

/** A route's place in the OpenAPI document; the parameters are also what is validated. */
export interface Description<Body extends TSchema, Query extends TSchema, Data extends TSchema> {
  readonly tag: string;
  readonly summary: string;
  readonly body?: Body;
  readonly querystring?: Query;
  /** Of the envelope's `data`. */
  readonly data?: Data;
  /** 204 is an answer. */
  readonly empty?: boolean;
}

/** Fastify's schema of a route of the Vault-shaped API. */
export function describe<Body extends TSchema, Query extends TSchema, Data extends TSchema>(
  description: Description<Body, Query, Data>,
) {
  const { tag, summary, body, querystring, data, empty } = description;
  const response = {
    ...(data !== undefined && { 200: { description: "Done", ...envelope(data) } }),
    ...(empty === true && { 204: { description: "Done, nothing to say", type: "null" } }),
    "4xx": { description: "Refused", $ref: "Errors#" },
    "5xx": { description: "Can succeed later", $ref: "Errors#" },
  };
  return {
    tags: [tag],
    summary,
    response,
    ...(body !== undefined && { body }),
    ...(querystring !== undefined && { querystring }),
  } as { body: Body; querystring: Query };
}

/** Of routes that take none: everything sent is ignored, with a warning. */
export const NoParameters = Type.Object({});

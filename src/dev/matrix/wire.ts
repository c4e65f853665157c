import type { Proper } from "../proper.ts";

/** What the client-server API sends with every answer, so that pages may call it. */
export const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
  "access-control-allow-headers": "X-Requested-With, Content-Type, Authorization",
};

/** The client-server API's standard error. */
export function matrixError(status: number, errcode: string, error: string, more: Proper["body"] = {}): Proper {
  return { status, body: { errcode, error, ...more } };
}

import {
  RejectedData,
  RejectedParameters,
  rfc3339,
  SessionTokenData,
  SessionTokenParameters,
} from "../../api/index.ts";
import type { SessionToken } from "../../broker/sessions.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { badRequest } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";

export const SESSION_TOKEN = "/session/token";

/** `GET /session/token` and `POST /session/rejected`. */
export function token(app: VaultApp, { broker }: Deps, mount: string): void {
  app.get(SESSION_TOKEN, {
    schema: describe({
      form: "session",
      summary: "A current access token",
      querystring: SessionTokenParameters,
      data: SessionTokenData,
    }),
    handler: async (request, reply) => {
      const { min_valid: minimumSeconds, id_token: idToken } = request.query.value;
      const view = await broker.sessions.token(mount, bearerOf(request), { minimumSeconds, idToken });
      return sendFlat(reply.header("pragma", "no-cache"), 200, sessionTokenData(view));
    },
  });
  app.post("/session/rejected", {
    schema: describe({
      form: "session",
      summary: "Report that an API refused the token; it is refreshed once",
      body: RejectedParameters,
      data: RejectedData,
    }),
    handler: async (request, reply) => {
      const hash = request.body.value.token_sha256.toLowerCase();
      if (!/^[0-9a-f]{64}$/.test(hash)) throw badRequest("token_sha256 must be 64 hexadecimal digits");
      const refreshed = await broker.sessions.reject(mount, bearerOf(request), hash);
      return sendFlat(reply, 200, { refreshed } satisfies RejectedData);
    },
  });
}

/** Its body. */
export function sessionTokenData(view: SessionToken): SessionTokenData {
  const { accessToken, type, remainingSeconds, expiresAt, scopes, warnings, idToken } = view;
  return {
    access_token: accessToken,
    token_type: type,
    ...(remainingSeconds !== undefined && { expires_in: Math.max(0, remainingSeconds) }),
    ...(expiresAt !== undefined && { expire_time: rfc3339(expiresAt) }),
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    ...(idToken && { id_token: idToken.text, id_token_expires_in: Math.max(0, idToken.remainingSeconds) }),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
}

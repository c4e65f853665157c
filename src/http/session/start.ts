import type { FastifyRequest } from "fastify";
import { SessionParameters, SessionStarted } from "../../api/index.ts";
import type { Caller, SessionInput } from "../../broker/sessions.ts";
import { policyOf } from "../../mcp/tool-policy.ts";
import { sendFlat } from "../answer/answer.ts";
import { describe } from "../answer/describe.ts";
import { denied } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { callerOf } from "../gate/caller.ts";
import { parametersOf } from "../gate/door.ts";
import { principalOf } from "../gate/guard.ts";
import { checkName } from "../input/names.ts";
import { startedData } from "./views.ts";

/** `POST /sessions`: a login begins; with a token, or where the operator allows it without one. */
export function start(app: VaultApp, deps: Deps, mount: string): void {
  const { broker, clock } = deps;
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.post("/sessions", {
    // Before the body is read: who has had enough costs no more than this.
    onRequest: async (request) => {
      const caller = await callerOf(request, deps);
      await broker.sessions.admit(mount, "start", caller);
      callers.set(request, caller);
    },
    preValidation: async (request) => requireStart(request, deps, mount),
    schema: describe({
      form: "session",
      summary: "Start a login; the only answer that contains the session id",
      body: SessionParameters,
      data: SessionStarted,
      statuses: [201],
    }),
    handler: async (request, reply) => {
      const caller = callers.get(request) ?? (await callerOf(request, deps));
      const started = await broker.sessions.start(mount, inputOf(request.body.value), caller);
      return sendFlat(reply, 201, startedData(started, clock.now()));
    },
  });
}

/** What a policy says of `sessions`: which servers, scopes and options. The default server is named as if it had been sent. */
async function requireStart(request: FastifyRequest, deps: Deps, mount: string): Promise<void> {
  const principal = await principalOf(request, deps);
  if (!principal) return;
  const sent = parametersOf(request);
  const server = sent.server || (await deps.broker.readConfig(mount))?.defaultServer;
  if (!principal.acl.permits("update", "sessions", { ...sent, ...(server && { server }) })) throw denied();
}

function inputOf(value: Required<SessionParameters>): SessionInput {
  return {
    server: checkName("server", value.server),
    scopes: value.scopes.filter((scope) => scope !== ""),
    label: value.label.trim(),
    flow: value.flow,
    providerOptions: value.options,
    coalesce: value.coalesce,
    maximumExpirySeconds: value.maximum_expiry_seconds,
    expectedAccount: value.expected_account,
    tools: policyOf(
      value.allow_tools.filter((one) => one !== ""),
      value.deny_tools.filter((one) => one !== ""),
    ),
  };
}

import { randomInt } from "node:crypto";
import type { CodePending, GrantSession, SessionWay } from "../../credential/index.ts";
import { userCode } from "../../session/index.ts";
import { startDeviceCode } from "../credential/start-device-code.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { storePending } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { plainRow } from "../record/records.ts";
import { type PageLogin, userCodeKey } from "../record/user-codes.ts";
import { offerFor } from "../server/operation.ts";
import { requireUnmoved } from "../server/resolve-server.ts";
import { startLoopbackLogin } from "./loopback-login.ts";
import type { SessionRequest } from "./session-request.ts";
import { startOwn } from "./start-own.ts";

/** One short-code login for every provider: its own device grant, or the broker's page where it has none (or may not). */
export async function startLogin(context: Context, request: SessionRequest, name: string): Promise<void> {
  const { operation, scopes } = request;
  const { providerOptions, label, expectedAccount, maximumExpirySeconds } = request.input;
  const { stranger } = operation;
  const who = { ...(stranger && { stranger }), ...(label !== "" && { label }) };
  const asked = { scopes, providerOptions, maximumExpirySeconds };
  if (operation.server.provider.apiServer?.ofClient) {
    await startOwn(context, request, { name, input: asked, session: who });
    return;
  }
  const offer = await offerFor(context, operation);
  const { metadata } = offer;
  // No other way is taken than the one that everybody knows.
  if (!request.page) requireUnmoved(offer, "device_authorization_endpoint");
  const { loopback } = context;
  const way = wayOf(request, metadata.device_authorization_endpoint !== undefined, loopback ? "code" : "page");
  const session = { way, ...who, ...(expectedAccount !== "" && { expectedAccount }) };
  const start = { name, input: asked, session };
  if (way.flow === "device") {
    await startDeviceCode(context, operation, start);
    return;
  }
  requireUnmoved(offer, "authorization_endpoint");
  if (metadata.authorization_endpoint === undefined) throw invalid("authorization code URL not available");
  if (loopback) await startLoopbackLogin(context, loopback, request, start);
  else await startPageLogin(context, request, start);
}

/** MCP-L1: the device grant, unless somebody wants the other way, or the server has none. */
function wayOf({ page }: SessionRequest, offered: boolean, other: "code" | "page"): SessionWay {
  if (page) return { flow: other, because: page };
  return offered ? { flow: "device", because: "device_grant" } : { flow: other, because: "no_device_grant" };
}

/**
 * A login by the broker's own page: a code of our own, which a person types at `/device` before anything is asked of the
 * provider. The credential is pending like any other that waits for a link.
 */
async function startPageLogin(
  context: Context,
  { operation }: SessionRequest,
  { name, input, session }: { name: string; input: Parameters<typeof grantOf>[1]; session: GrantSession },
): Promise<void> {
  if (context.publicUrl === undefined) {
    throw invalid("no external address configured: the broker's page needs one (set --public-url)");
  }
  const { mount, settings, server } = operation;
  const now = context.clock.now();
  const expiresAt = now + settings.authorizationFlowSeconds * 1000;
  const code = await newUserCode(context, { mount, credential: name, expiresAt });
  const pending: CodePending = {
    status: "pending",
    flow: "code",
    grant: grantOf(server.name, input, session),
    url: `${context.publicUrl}/device`,
    userCode: code,
    expiresAt,
    startedAt: now,
  };
  await storePending(context, { mount, name, settings }, pending, { absent: true });
}

/** Stored under a keyed hash of it; two logins never have the same code. */
async function newUserCode(context: Context, { mount, ...login }: PageLogin & { mount: string }): Promise<string> {
  for (;;) {
    const code = userCode((bound) => randomInt(bound));
    const place = { ...userCodeKey(context, mount, code), id: newId() };
    const row = plainRow(context, place, login satisfies PageLogin, { task: "expire", dueAt: login.expiresAt });
    if (await context.store.write(row, { absent: true })) return code;
  }
}

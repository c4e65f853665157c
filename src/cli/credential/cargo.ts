import { CliError } from "../fail.ts";
import { forgetLogin } from "./forget-login.ts";
import { type Answered, type Asked, credentialFor } from "./protocol.ts";

interface CargoRequest {
  readonly v?: number;
  readonly kind?: string;
  readonly registry?: { readonly "index-url"?: string; readonly name?: string; readonly headers?: readonly string[] };
}

/** Cargo's credential-provider protocol, version 1: we speak first, then a line answers a line until it has enough. */
export async function cargo(asked: Asked): Promise<Answered> {
  asked.write('{"v":[1]}\n');
  for await (const line of asked.lines()) asked.write(`${JSON.stringify(await answer(asked, line))}\n`);
  return {};
}

async function answer(asked: Asked, line: string): Promise<object> {
  const request = parse(line);
  if (request?.v !== 1)
    return failed({ kind: "other", message: "only version 1 of the protocol is spoken", "caused-by": [] });
  const { "index-url": url = "", name = "" } = request.registry ?? {};
  const login = credentialFor(asked.settings, "cargo", name) ?? credentialFor(asked.settings, "cargo", url);
  if (login === undefined) return failed({ kind: "url-not-supported" });
  try {
    return await answerKind(asked, request, login);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === "login_required") return failed({ kind: "not-found" });
    const next = error.next ? [`run: ${error.next.join(" ")}`] : [];
    return failed({ kind: "other", message: error.message, "caused-by": next });
  }
}

async function answerKind(asked: Asked, { kind, registry }: CargoRequest, login: string): Promise<object> {
  if (kind === "logout") {
    await forgetLogin(login);
    return { Ok: { kind: "logout" } };
  }
  // Only a person starts a login; this one's command says what to type.
  if (kind === "login") throw new CliError("failure", `sign in by: coatcheck login ${login}`);
  if (kind !== "get") return failed({ kind: "operation-not-supported" });
  const { tokenType, accessToken, expiresAt } = await asked.tokens.current(login);
  const wantsScheme = registry?.headers?.some((header) => /^www-authenticate:\s*bearer\b/i.test(header)) === true;
  return {
    Ok: {
      kind: "get",
      token: wantsScheme ? `${tokenType} ${accessToken}` : accessToken,
      ...(expiresAt === undefined ? { cache: "session" } : { cache: "expires", expiration: expiresAt }),
      operation_independent: true,
    },
  };
}

function failed(error: object): object {
  return { Err: error };
}

function parse(line: string): CargoRequest | undefined {
  try {
    return JSON.parse(line) as CargoRequest;
  } catch {
    return undefined;
  }
}

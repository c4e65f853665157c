import { CliError, failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { visible } from "../frame/visible.ts";
import { forgetUse } from "./forget-use.ts";
import { logInAgain } from "./log-in-again.ts";
import { credentialFor, type HelperAnswer, type HelperRequest } from "./protocol.ts";

interface CargoRequest {
  readonly v?: number;
  readonly kind?: string;
  /** With `login`: the token that a person typed. */
  readonly token?: string;
  readonly registry?: { readonly "index-url"?: string; readonly name?: string; readonly headers?: readonly string[] };
}

/** Cargo's credential-provider protocol, version 1: we speak first, then a line answers a line until it has enough. */
export async function cargo(asked: HelperRequest): Promise<HelperAnswer> {
  asked.write('{"v":[1]}\n');
  const notes: string[] = [];
  for await (const line of asked.lines()) asked.write(`${JSON.stringify(await answer(asked, line, notes))}\n`);
  return { err: notes.join("") };
}

async function answer(asked: HelperRequest, line: string, notes: string[]): Promise<object> {
  const request = parse(line);
  if (request?.v !== 1)
    return failed({ kind: "other", message: "only version 1 of the protocol is supported", "caused-by": [] });
  try {
    const { "index-url": url = "", name = "" } = request.registry ?? {};
    const key = [name, url].find((one) => credentialFor(asked.settings, "cargo", one) !== undefined) ?? "";
    const login = credentialFor(asked.settings, "cargo", key);
    if (login === undefined) return failed({ kind: "url-not-supported" });
    if (request.kind !== "logout") return await answerKind(asked, request, login);
    notes.push(forgetUse("cargo", key, login));
    return { Ok: { kind: "logout" } };
  } catch (error) {
    const { code, message, next } = failureOf(error);
    if (code === "login_required") return failed({ kind: "not-found" });
    const cause = next ? [visible(`run: ${shellWords(next)}`)] : [];
    return failed({ kind: "other", message: visible(message), "caused-by": cause });
  }
}

async function answerKind(asked: HelperRequest, request: CargoRequest, login: string): Promise<object> {
  switch (request.kind) {
    case "get":
      return get(asked, request, login);
    case "login":
      if (request.token != null)
        throw new CliError("usage", "tokens are not stored here: run cargo login without a token");
      await logInAgain(login);
      return { Ok: { kind: "login" } };
    default:
      return failed({ kind: "operation-not-supported" });
  }
}

async function get(asked: HelperRequest, { registry }: CargoRequest, login: string): Promise<object> {
  const { tokenType, accessToken, expiresAt } = await asked.tokens.current(login);
  // Cargo sends it as it is, and tells of a challenge with the index alone, not with the registry's API.
  const told = asked.settings.cargoRegistries?.[registry?.name ?? ""]?.bearer;
  const challenged = registry?.headers?.some((header) => /^www-authenticate:\s*bearer\b/i.test(header)) === true;
  return {
    Ok: {
      kind: "get",
      token: (told ?? true) || challenged ? `${tokenType} ${accessToken}` : accessToken,
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

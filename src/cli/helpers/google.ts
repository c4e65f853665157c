import { failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { replaceFile } from "../kept/private-file.ts";
import type { CurrentToken, HelperAnswer, HelperRequest } from "./protocol.ts";

/** Executable-sourced credentials of Google's libraries (AIP-4117): one object, also on failure, with the login's id_token. */
export async function google({ args: [name], env, tokens }: HelperRequest): Promise<HelperAnswer> {
  if (env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES !== "1") {
    return failed("2", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES is not 1");
  }
  if (name === undefined) return failed("2", "name the login: coatcheck credential google NAME");
  try {
    const out = `${JSON.stringify(success(await tokens.current(name, { idToken: true })))}\n`;
    const file = env.GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE;
    if (file) replaceFile(file, out);
    return { out };
  } catch (error) {
    const { exit, message, next } = failureOf(error);
    return failed(String(exit), next ? `${message}: ${shellWords(next)}` : message);
  }
}

function success({ idToken, idTokenExpiresAt }: CurrentToken) {
  return {
    version: 1,
    success: true,
    token_type: "urn:ietf:params:oauth:token-type:id_token",
    id_token: idToken,
    expiration_time: idTokenExpiresAt,
  };
}

function failed(code: string, message: string): HelperAnswer {
  return { out: `${JSON.stringify({ version: 1, success: false, code, message })}\n`, exit: 1 };
}

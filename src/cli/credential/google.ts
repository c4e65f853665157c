import { failureOf } from "../fail.ts";
import { replaceFile } from "../files/private-file.ts";
import { shellWords } from "../output.ts";
import type { Answered, Asked, CurrentToken } from "./protocol.ts";

/** A JWS in compact form. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Executable-sourced credentials of Google's libraries (AIP-4117): one object, also on failure. What is exchanged there must
 * be a JWT; it goes into `id_token` whatever it is called here.
 */
export async function google({ args: [name], env, tokens }: Asked): Promise<Answered> {
  if (env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES !== "1") {
    return failed("2", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES is not 1");
  }
  if (name === undefined) return failed("2", "name the login: coatcheck credential google NAME");
  try {
    const token = await tokens.current(name);
    if (!JWT.test(token.accessToken))
      return failed("1", `the tokens of "${name}" are no JWTs: Google exchanges nothing else`);
    const out = `${JSON.stringify(success(token))}\n`;
    const file = env.GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE;
    if (file) replaceFile(file, out);
    return { out };
  } catch (error) {
    const { exit, message, next } = failureOf(error);
    return failed(String(exit), next ? `${message}: ${shellWords(next)}` : message);
  }
}

function success({ accessToken, expiresAt }: CurrentToken) {
  return {
    version: 1,
    success: true,
    token_type: "urn:ietf:params:oauth:token-type:jwt",
    id_token: accessToken,
    ...(expiresAt !== undefined && { expiration_time: expiresAt }),
  };
}

function failed(code: string, message: string): Answered {
  return { out: `${JSON.stringify({ version: 1, success: false, code, message })}\n`, exit: 1 };
}

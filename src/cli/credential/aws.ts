import { parseArgs } from "node:util";
import { failureOf } from "../fail.ts";
import { shellWords } from "../output.ts";
import { assumeRole } from "./assume-role.ts";
import type { Answered, Asked } from "./protocol.ts";

/** The AWS tools' credential_process: keys of AssumeRoleWithWebIdentity, made with the login's token. */
export async function aws({ args, env, tokens }: Asked): Promise<Answered> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { role: { type: "string" }, region: { type: "string" }, "session-name": { type: "string" } },
    });
    const [name] = positionals;
    if (name === undefined || values.role === undefined) {
      return { err: "coatcheck: give the login and the role: coatcheck credential aws NAME --role ARN\n", exit: 2 };
    }
    const { accessToken } = await tokens.current(name);
    const region = values.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? "us-east-1";
    const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
    const keys = await assumeRole(endpoint, values.role, values["session-name"] ?? `coatcheck-${name}`, accessToken);
    return { out: `${JSON.stringify({ Version: 1, ...keys })}\n` };
  } catch (error) {
    const { message, next } = failureOf(error);
    return { err: `coatcheck: ${message}${next ? `; run: ${shellWords(next)}` : ""}\n`, exit: 1 };
  }
}

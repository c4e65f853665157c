import { parseArgs } from "node:util";
import { askAgent } from "../agent/ask-agent.ts";
import { type AwsKeys, assumeRole, type Role } from "../agent/assume-role.ts";
import { usage } from "../frame/fail.ts";
import { visible } from "../frame/visible.ts";
import { requireSuccess } from "../tokens/token-source.ts";
import { complaint, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** The AWS tools' credential_process: keys of AssumeRoleWithWebIdentity, made with the login's id_token. */
export async function aws(asked: HelperRequest): Promise<HelperAnswer> {
  try {
    const { name, role } = parseCall(asked);
    if (name === undefined || role === undefined) {
      return {
        err: "coatcheck: the login or the role is missing: coatcheck credential aws NAME --role ARN\n",
        exit: 2,
      };
    }
    const keys = await asked.within(keysFor(asked, name, role));
    return { out: `${JSON.stringify({ Version: 1, ...keys })}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

function parseCall({ args, env }: HelperRequest): { readonly name?: string; readonly role?: Role } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { role: { type: "string" }, region: { type: "string" }, "session-name": { type: "string" } },
  });
  const [name] = positionals;
  if (name === undefined || values.role === undefined) return {};
  const region = values.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";
  // ST-36: it becomes part of the name of the host that is sent the id_token.
  if (!/^[a-z0-9-]{1,40}$/.test(region))
    throw usage(`"${visible(region)}" is not an AWS region: give one as us-east-1`);
  const endpoint = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
  return { name, role: { endpoint, arn: values.role, session: values["session-name"] ?? `coatcheck-${name}` } };
}

/** The AWS tools keep nothing; the agent does. */
async function keysFor({ tokens }: HelperRequest, name: string, role: Role): Promise<AwsKeys> {
  const answer = await askAgent({ request: "aws", name, role });
  if (answer) requireSuccess(answer);
  if (answer?.aws) return answer.aws;
  const { idToken = "" } = await tokens.current(name, { idToken: true });
  return assumeRole(role, idToken);
}

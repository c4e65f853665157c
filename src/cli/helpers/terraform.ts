import { forgetUse } from "./forget-use.ts";
import { complaint, credentialFor, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** Terraform's and OpenTofu's credentials helper: `[ARGS] get|store|forget HOST`. */
export async function terraform(asked: HelperRequest): Promise<HelperAnswer> {
  const [verb, host = ""] = asked.args.slice(-2);
  const name = credentialFor(asked.settings, "terraform", host);
  switch (verb) {
    case "get":
      return name === undefined ? { out: "{}\n" } : get(asked, name);
    case "store":
      await asked.input();
      return {
        err: `coatcheck: nothing was stored: tokens come from the broker; run: coatcheck login ${name ?? "SERVER"}\n`,
        exit: 1,
      };
    case "forget":
      return name === undefined ? {} : { err: forgetUse("terraform", host, name) };
    default:
      return { err: "coatcheck: terraform's helpers support get, store and forget\n", exit: 1 };
  }
}

async function get({ tokens }: HelperRequest, name: string): Promise<HelperAnswer> {
  try {
    return { out: `${JSON.stringify({ token: (await tokens.current(name)).accessToken })}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

import { complaint, type HelperAnswer, type HelperRequest } from "./protocol.ts";

/** pnpm's tokenHelper: the value of the Authorization header. */
export async function pnpm({ args: [name], tokens }: HelperRequest): Promise<HelperAnswer> {
  if (name === undefined) return { err: "coatcheck: name the login: coatcheck credential pnpm NAME\n", exit: 2 };
  try {
    const { tokenType, accessToken } = await tokens.current(name);
    return { out: `${tokenType} ${accessToken}\n` };
  } catch (error) {
    return { err: complaint(error), exit: 1 };
  }
}

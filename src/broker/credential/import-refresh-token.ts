import { refreshTokenRequest } from "../../protocol/refresh-token.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { grantOf } from "../record/grant.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { redeemWrite } from "./redeem-write.ts";

/** A refresh token the caller brings is used at once: it is proved, and from now on only ours to rotate. */
export async function importRefreshToken(context: Context, write: CredentialWrite): Promise<undefined> {
  const { input, server } = write;
  if (input.refreshToken === "") throw invalid("missing refresh_token");
  if (input.code !== "") throw invalid("cannot use code with refresh_token grant type");
  const { refreshToken } = input;
  await redeemWrite(
    context,
    write,
    { kind: "import", grant: grantOf(server, input), prefix: "refresh failed: ", refreshToken },
    (resolved) => ({
      send: (client, call) => refreshTokenRequest(resolved.metadata, client, refreshToken, call),
      secrets: [refreshToken],
    }),
  );
}

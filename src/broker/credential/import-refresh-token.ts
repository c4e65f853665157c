import { refreshTokenRequest } from "../../protocol/refresh-token.ts";
import { metadataForRefresh } from "../../providers/index.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { grantOf } from "../record/grant.ts";
import { openReady } from "../server/operation.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { redeemValue } from "./redeem-value.ts";

/** A refresh token the caller brings is used at once: it is proved, and from now on only ours to rotate. */
export async function importRefreshToken(context: Context, write: CredentialWrite): Promise<undefined> {
  const { mount, input } = write;
  const { refreshToken } = input;
  if (refreshToken === "") throw invalid("missing refresh_token");
  if (input.code !== "") throw invalid("cannot use code with refresh_token grant type");
  const operation = await openReady(context, mount, input);
  const grant = grantOf(operation.server.name, input);
  await redeemValue(
    context,
    operation,
    write,
    { kind: "import", grant, prefix: "refresh failed: ", refreshToken },
    {
      secrets: [refreshToken],
      request: ({ metadata, provider }, client, call) =>
        refreshTokenRequest(metadataForRefresh(provider, metadata), client, refreshToken, call, provider.parameters),
    },
  );
}

import { refreshTokenRequest } from "../../protocol/refresh-token.ts";
import { metadataForRefresh } from "../../providers/index.ts";
import { isHandle, takeHandedOn } from "../auth/handed-on.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { grantOf } from "../record/grant.ts";
import { openReady, type ReadyOperation } from "../server/operation.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { redeemValue } from "./redeem-value.ts";

/** A refresh token the caller brings is used at once: it is proved, and from now on only ours to rotate. */
export async function importRefreshToken(context: Context, write: CredentialWrite): Promise<undefined> {
  const { mount, input } = write;
  if (input.refreshToken === "") throw invalid("missing refresh_token");
  if (input.code !== "") throw invalid("cannot use code with refresh_token grant type");
  const operation = await openReady(context, mount, input);
  const refreshToken = await refreshTokenOf(context, operation, write);
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

/** As it was sent, or that of a login of the same person's. */
async function refreshTokenOf(
  context: Context,
  { server }: ReadyOperation,
  { input, by }: CredentialWrite,
): Promise<string> {
  if (!isHandle(input.refreshToken)) return input.refreshToken;
  const { record, metadata } = server;
  const to = { entity: by, clientId: record.clientId, tokenEndpoint: metadata.token_endpoint ?? "" };
  return takeHandedOn(context, input.refreshToken, to);
}

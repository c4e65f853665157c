import type { DeviceAuthorization } from "../../protocol/device-authorization.ts";
import { hostOf, verificationPageWarning } from "../../protocol/verification-page.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/** XD-13: the page of a device login is on a host of its server, or the person is warned. */
export function verificationWarning(server: ResolvedServer, authorization: DeviceAuthorization): string | undefined {
  return verificationPageWarning(authorization, [...ownUrls(server).map(hostOf), ...server.provider.verificationHosts]);
}

/** Its issuer and its endpoints; of one that was found by a homeserver's name the two that name it. */
function ownUrls({ binding, metadata }: ResolvedServer): readonly string[] {
  if (binding) return [metadata.issuer, binding.baseUrl];
  const { issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint } = metadata;
  const urls = [issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint];
  return urls.filter((url) => url !== undefined && URL.canParse(url)) as readonly string[];
}

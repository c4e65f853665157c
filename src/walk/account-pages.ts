import { message } from "../messages/walk/index.ts";
import { accountLinks } from "../protocol/identity/account-links.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import type { Finding, FoundServer, Tokens } from "./state.ts";
import { note, plain } from "./step-result.ts";

interface Pages {
  readonly account_management_uri?: string;
  readonly account_links?: Readonly<Record<string, string>>;
}

/** Pages where the person manages the account and this device (MSC4191). */
export function accountPages({ metadata }: FoundServer, { deviceId }: Pick<Tokens, "deviceId">): readonly Finding[] {
  const pages: Pages = accountLinks(metadata, MATRIX_HOMESERVER.device.actions, deviceId);
  const { account_management_uri: uri, account_links: links = {} } = pages;
  if (uri === undefined) return [];
  return [
    { ...note(message("whoami.manage")), link: uri },
    ...Object.entries(links).map(([action, link]) => ({ ...note(plain(`${action}:`)), link })),
  ];
}

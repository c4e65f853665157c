import type { AuthorizationServer } from "../client.ts";
import { isEndpoint } from "../endpoint.ts";

/** Characters of an action's name; servers have about ten of them. */
const LONGEST_ACTION = 100;
const MOST_ACTIONS = 50;

/**
 * Pages where a person manages the account (MSC4191): the plain one, and one for each action that the server advertises,
 * with the device where it is about one (`deviceActions`). Nothing where the server has no such page, or an unusable one.
 */
export function accountLinks(metadata: AuthorizationServer, deviceActions: readonly string[], deviceId?: string) {
  const { account_management_uri: uri, account_management_actions_supported: advertised } = metadata;
  // Shown to people, and opened by programs: no http, whatever the broker itself may call.
  if (!isEndpoint(uri, /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(String(uri)))) return {};
  const actions = (Array.isArray(advertised) ? advertised : [])
    .filter((action) => typeof action === "string" && action !== "" && action.length <= LONGEST_ACTION)
    .slice(0, MOST_ACTIONS) as string[];
  const links = actions.map((action) => {
    const url = new URL(uri);
    url.searchParams.set("action", action);
    if (deviceId !== undefined && deviceActions.includes(action)) url.searchParams.set("device_id", deviceId);
    return [action, url.href] as const;
  });
  return { account_management_uri: uri, ...(links.length > 0 && { account_links: Object.fromEntries(links) }) };
}

/**
 * A Matrix bot that never sees a password, a client id or a refresh token. It signs in by a code that a person types at
 * the homeserver, then syncs for as long as it lives; Coatcheck keeps its access token current.
 *
 *     coatcheck write oauth2/servers/matrix provider=matrix provider_options=homeservers='*' allow_sessions=true
 *     node examples/matrix-bot.ts http://127.0.0.1:8200 matrix.org
 *
 * Ctrl-C logs it out: the grant is revoked, and its device is gone from the account.
 */
import { login, type Session } from "coatcheck/client";

const [broker = "http://127.0.0.1:8200", homeserver = "matrix.org", seconds = "30"] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());

const session = await login({
  broker,
  server: "matrix",
  label: "matrix-bot example",
  options: { homeserver },
  onPrompt: ({ verificationUri, verificationUriComplete, userCode }) => {
    console.log(`Open ${verificationUriComplete ?? verificationUri} and check or type the code ${userCode}`);
  },
  signal: stop.signal,
});
const { extra_data: account = {} } = await session.status();
console.log(`Signed in as ${account.user_id}, device ${account.device_id}, at ${account.homeserver}`);
await syncUntil(stop.signal, session, String(account.homeserver));
await session.logout();
console.log("Logged out");

interface Sync {
  readonly next_batch: string;
  readonly rooms?: { readonly join?: object; readonly invite?: object };
}

/** After a 401 `session.fetch` has the token refreshed once and tries again; whatever else happens is waited for. */
async function syncUntil(signal: AbortSignal, { fetch }: Session, base: string): Promise<void> {
  for (let since = ""; !signal.aborted; ) {
    const url = new URL(`${base}/_matrix/client/v3/sync`);
    url.search = new URLSearchParams({
      timeout: `${Number(seconds) * 1000}`,
      ...(since !== "" && { since }),
    }).toString();
    const response = await fetch(url, { signal }).catch(() => undefined);
    if (response?.ok) {
      const { next_batch, rooms = {} } = (await response.json()) as Sync;
      const { join = {}, invite = {} } = rooms;
      console.log(`Synced: ${Object.keys(join).length} rooms with news, ${Object.keys(invite).length} invitations`);
      since = next_batch;
    } else if (!signal.aborted) {
      console.log(`Not synced: ${response?.status ?? "the homeserver cannot be reached"}`);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
    }
  }
}

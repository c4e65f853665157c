import type { Settings } from "../../credential/index.ts";
import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { settingsOf } from "../record/settings.ts";
import type { Admitted, Caller } from "../sessions.ts";

/** What of a stranger counts, right or wrong: at ten codes a minute 34 bits take long. */
const LIMITS: Readonly<Record<Admitted, { readonly most: keyof Settings; readonly text: string }>> = {
  start: { most: "sessionStartsPerMinute", text: "too many logins were started" },
  "code typed": { most: "userCodeEntriesPerMinute", text: "too many codes were typed" },
  "code decided": { most: "userCodeEntriesPerMinute", text: "too many codes were decided" },
};

/** Counts what somebody is about to do; it is asked before anything is read of it. Throws `BrokerError`. */
export async function admit(context: Context, mount: string, what: Admitted, caller: Caller): Promise<void> {
  if (caller.trusted) return;
  const { most, text } = LIMITS[what];
  const settings = await settingsOf(context, mount);
  const wait = context.limiter.take(what, caller.network, Number(settings[most]));
  if (wait > 0) throw limited("rate_limited", `${text}: try again in ${wait} s`, wait);
}

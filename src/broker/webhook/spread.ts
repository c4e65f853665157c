import { endsSoonAt, isRenewable } from "../../credential/index.ts";
import type { Webhook } from "../../process/webhooks.ts";
import { endsOf, sessionEndsSoonAt } from "../../session/index.ts";
import type { Beside, Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { commit } from "../record/commit.ts";
import { type News, subjectOf, type Watch } from "../record/news.ts";
import { openContent, openCredential, plainRow } from "../record/records.ts";
import { settingsOf } from "../record/settings.ts";
import { openFound } from "../session/session.ts";
import { type Delivery, hasRoom, waitsFor } from "./backlog.ts";

/** News is due: the row becomes one row for each endpoint, in one write. So a crash leaves it whole, before or after. */
export async function spreadNews(context: Context, { row, claim }: Claimed): Promise<void> {
  const content = openContent<News | Watch>(context, row);
  const news = "watch" in content ? await lookAgain(context, content) : content;
  if (typeof news === "number") {
    return commit(context, () => context.store.release(row.id, claim, { untouched: true, dueAt: news }));
  }
  const rows: Beside[] = [];
  for (const endpoint of news ? context.webhooks : []) {
    if (news && (await hasRoom(context, endpoint))) rows.push(deliveryRow(context, endpoint, { id: row.id, news }));
  }
  const [first, ...beside] = rows;
  const { id, revision } = row;
  // Where the first is there already, so are the others: the row was written once more after they were (a commit in doubt).
  const written = first && (await commit(context, () => context.store.write({ ...first, beside }, { id, revision })));
  if (!written) await commit(context, () => context.store.remove(row));
  context.wake();
}

function deliveryRow(context: Context, { name }: Webhook, { id, news }: Pick<Delivery, "id" | "news">): Beside {
  const place = { mount: "", kind: "delivery", name: `${name}/${id}`, id: newId() } as const;
  // By the mount's path, as endpoints know it; at every attempt the same, wherever the mount is then.
  const about = { ...news.about, mount: context.mounts.pathOf(news.about.mount) };
  const delivery: Delivery = { endpoint: name, id, news: { ...news, about }, attempts: 0 };
  return plainRow(context, place, delivery, { server: waitsFor(name), task: "tell", dueAt: context.clock.now() });
}

/** What was foreseen: it has come; it is to be looked at again then (epoch milliseconds); or nothing of it is left. */
async function lookAgain(context: Context, watch: Watch): Promise<News | number | undefined> {
  return watch.watch === "session" ? sessionEnd(context, watch) : loginEnd(context, watch);
}

async function sessionEnd(context: Context, { mount, id }: Watch): Promise<News | number | undefined> {
  const row = await context.store.readById(id);
  const found = row?.kind === "session" ? await openFound(context, row) : undefined;
  if (!found) return undefined;
  const { session, state, name } = found;
  const settings = await settingsOf(context, mount);
  const { at: endsAt } = endsOf(session, settings);
  const soonAt = sessionEndsSoonAt(session, settings);
  if (endsAt === undefined || soonAt === undefined) return undefined;
  const at = context.clock.now();
  // Whoever has not signed in yet has nothing that could end.
  if (soonAt > at || state.status === "pending") return Math.max(soonAt, at + PENDING_MS);
  if (state.status !== "issued") return undefined;
  return { type: "login.ends_soon", at, about: subjectOf({ mount, name }, state), endsAt, because: "session" };
}

/** How soon a pending login is looked at again. Milliseconds. */
const PENDING_MS = 60_000;

async function loginEnd(context: Context, { watch, mount, id }: Watch): Promise<News | number | undefined> {
  const row = await context.store.readById(id);
  const state = row?.kind === "creds" ? openCredential(context, row) : undefined;
  if (!row || state?.status !== "issued" || state.trouble?.kind === "dead") return undefined;
  const at = context.clock.now();
  const about = subjectOf({ mount, name: row.name }, state);
  if (watch === "lapse") {
    const { expiresAt } = state;
    if (isRenewable(state) || expiresAt === undefined) return undefined;
    return expiresAt > at ? expiresAt : { type: "login.needs_person", at, about, reason: "token_expired" };
  }
  const { refreshEnd } = state;
  if (!refreshEnd?.final) return undefined;
  const soonAt = endsSoonAt(refreshEnd);
  if (soonAt > at) return soonAt;
  return { type: "login.ends_soon", at, about, endsAt: refreshEnd.at, because: "refresh_token" };
}

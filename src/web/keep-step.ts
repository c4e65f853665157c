import { message, type WalkMessage } from "../messages/walk/index.ts";
import type { WalkState } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { el, field, fill, textInput } from "./dom.ts";

/** Hands the login over to this broker, which goes on with it, and wipes the page. */
export const keepStep: StepDefinition = {
  id: "keep",
  needs: ({ tokens }) => tokens?.current.refreshToken && tokens.requestedScopes,
  build: (card) => {
    const name = textInput("");
    const token = el("input", { type: "password", autocomplete: "off" });
    const said = el("p", { class: "note bad", "aria-live": "polite", hidden: "" });
    let underWay = false;
    const go = async () => {
      // A second click would send the refresh token twice.
      if (underWay) return;
      underWay = true;
      const problem = await keep(card, name.value.trim(), token.value).catch(() => message("keep.no_answer"));
      underWay = false;
      said.hidden = problem === undefined;
      fill(said, problem ?? "");
    };
    return [
      field(message("keep.name"), name, message("keep.name.help")),
      field(message("keep.token"), token, message("keep.token.help")),
      act("keep.button", () => void go()),
      said,
    ];
  },
};

/** What is wrong, if anything is. The server record first: without its credential it is taken back. */
async function keep(card: Card, name: string, token: string): Promise<WalkMessage | undefined> {
  const { state, mount, signal } = card.walk;
  const record = recordsOf(state);
  if (!record) return undefined;
  if (!/^\w[\w.-]*$/.test(name)) return message("keep.bad_name");
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { "x-vault-token": token, "content-type": "application/json" };
    const init = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`/v1/${mount}/${path}/${name}`, init);
    return { status: answer.status, said: await problemOf(answer) };
  };
  const present = await ask("GET", "servers");
  if (present.status !== 404) return present.said ?? message("keep.exists", { name });
  const server = await ask("PUT", "servers", record.server);
  if (server.said !== undefined) return server.said;
  const kept = await ask("PUT", "creds", { server: name, ...record.credential });
  if (kept.said !== undefined) {
    await ask("DELETE", "servers");
    return kept.said;
  }
  card.walk.begin("");
  const said = message("keep.done", { path: `${mount}/creds/${name}` });
  card.show({ ok: true, state: {}, exchanges: [], findings: [{ kind: "good", said }] });
  return undefined;
}

function recordsOf({ found, client, tokens }: WalkState) {
  if (!found || !client || !tokens) return undefined;
  const { baseUrl: homeserver } = found;
  const { current, deviceId } = tokens;
  return {
    server: { provider: "matrix", client_id: client.clientId, provider_options: { homeserver } },
    credential: {
      grant_type: "refresh_token",
      refresh_token: current.refreshToken,
      provider_options: { device_id: deviceId },
    },
  };
}

async function problemOf(answer: Response): Promise<WalkMessage | undefined> {
  if (answer.ok) return undefined;
  const { errors = [] } = (await answer.json().catch(() => ({}))) as { readonly errors?: readonly string[] };
  if (errors.length > 0) return message("plain", { text: errors.join("; ") });
  return message("keep.status", { status: String(answer.status) });
}

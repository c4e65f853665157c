import type { WalkState } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { el, field, textInput } from "./dom.ts";

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
      const problem = await keep(card, name.value.trim(), token.value).catch(() => NO_ANSWER);
      underWay = false;
      said.hidden = problem === undefined;
      said.replaceChildren(problem ?? "");
    };
    return [
      field("Name", name, "The name of the credential, and of a server record for this homeserver and client."),
      field("Operator's token", token, "It is sent only to this broker."),
      act("Keep this login", () => void go()),
      said,
    ];
  },
};

const NO_ANSWER =
  "The broker did not answer. Before you try again, check whether the broker has the login: a refresh token can be used only once.";

/** What is wrong, if anything is. The server record first: without its credential it is taken back. */
async function keep(card: Card, name: string, token: string): Promise<string | undefined> {
  const { state, mount, signal } = card.walk;
  const record = recordsOf(state);
  if (!record) return undefined;
  if (!/^\w[\w.-]*$/.test(name)) return "Give a name of letters, digits, dots and hyphens.";
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { "x-vault-token": token, "content-type": "application/json" };
    const init = { method, headers, signal, ...(body && { body: JSON.stringify(body) }) };
    const answer = await fetch(`/v1/${mount}/${path}/${name}`, init);
    return { status: answer.status, said: await problemOf(answer) };
  };
  const present = await ask("GET", "servers");
  if (present.status !== 404) return present.said ?? `A server named "${name}" already exists: give another name.`;
  const server = await ask("PUT", "servers", record.server);
  if (server.said !== undefined) return server.said;
  const kept = await ask("PUT", "creds", { server: name, ...record.credential });
  if (kept.said !== undefined) {
    await ask("DELETE", "servers");
    return kept.said;
  }
  card.walk.begin("");
  const text = `The broker now has the login as ${mount}/creds/${name}. This page has deleted its copy.`;
  card.show({ ok: true, state: {}, exchanges: [], findings: [{ kind: "good", text }] });
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

async function problemOf(answer: Response): Promise<string | undefined> {
  if (answer.ok) return undefined;
  const { errors = [] } = (await answer.json().catch(() => ({}))) as { readonly errors?: readonly string[] };
  return errors.join("; ") || `The broker answered with status ${answer.status}.`;
}

import { finishLink, parametersOf, startLink } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { scopeFields } from "./device-steps.ts";
import { button, el, field, table, textInput } from "./dom.ts";

/** Step C. */
export const linkStep: StepDefinition = {
  id: "link",
  needs: ({ found, client }) => (found?.metadata.authorization_endpoint === undefined ? undefined : client),
  isDone: ({ tokens }) => tokens !== undefined,
  build: (card) => {
    const { nodes, input } = scopeFields(card);
    const uris = card.walk.state.client?.requested.redirect_uris;
    const redirectUri = textInput(Array.isArray(uris) ? String(uris[0]) : "");
    const prompt = el("select", {}, el("option", { value: "" }, "none"), el("option", { value: "create" }, "create"));
    const way = el("div");
    const go = async () => {
      const asked = {
        ...input(),
        redirectUri: redirectUri.value,
        ...(prompt.value !== "" && { prompt: prompt.value }),
      };
      await card.walk.take(card, (state, world) => startLink(state, asked, world), false);
      way.replaceChildren(...wayBack(card));
    };
    return [
      ...nodes,
      field("redirect_uri", redirectUri, "A redirect URI that was registered; a loopback address may have any port."),
      field("prompt", prompt, "create leads to a page for a new account, if the server supports it."),
      act("Create the link", () => void go()),
      way,
    ];
  },
};

function wayBack(card: Card): readonly Node[] {
  const { walk } = card;
  const { link } = walk.state;
  if (!link) return [];
  const callback = textInput("");
  const parts = el("div");
  callback.addEventListener("input", () => {
    const names = [...parametersOf(callback.value)].map(
      ([name]) => [name, name === "code" ? "a code, masked" : ""] as const,
    );
    const state = parametersOf(callback.value).get("state") === link.state ? "matches" : "does not match";
    parts.replaceChildren(
      table(
        "Parts of the callback",
        names.map(([name, text]) => [name, name === "state" ? state : text]),
      ),
    );
  });
  const finish = () => {
    const pasted = { callback: callback.value };
    callback.value = "";
    parts.replaceChildren();
    void walk.take(card, (state, world) => finishLink(state, pasted, world));
  };
  return [
    table("The parts of the link", [
      ["state", link.state],
      ["code_challenge", link.challenge],
    ]),
    revealed("code_verifier", link.verifier),
    el("p", {}, el("a", { href: link.url, target: "_blank", rel: "noreferrer" }, link.url)),
    field(
      "The address in your browser's address bar",
      callback,
      "Nothing listens at that address, so the page fails to load; but the address contains the response.",
    ),
    parts,
    act("Exchange the code", finish),
  ];
}

/** A secret of this page, masked until somebody wants to see it. */
function revealed(name: string, secret: string): HTMLElement {
  const value = el("code", {}, "•".repeat(12));
  const show = button(`Show ${name}`, "quiet small", () => value.replaceChildren(secret));
  return el("p", {}, `${name}: `, value, " ", show);
}

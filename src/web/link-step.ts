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
    const uris = card.walk.state.client?.asked.redirect_uris;
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
      field("redirect_uri", redirectUri, "One that was registered; a loopback one may have any port."),
      field("prompt", prompt, "create leads to a new account, where the server offers that."),
      act("Make the link", () => void go()),
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
    const state = parametersOf(callback.value).get("state") === link.state ? "matches" : "is another one";
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
    table("What the link is made of", [
      ["state", link.state],
      ["code_challenge", link.challenge],
    ]),
    revealed("code_verifier", link.verifier),
    el("p", {}, el("a", { href: link.url, target: "_blank", rel: "noreferrer" }, link.url)),
    field(
      "The address your browser ends at",
      callback,
      "Nothing listens there: the page fails to load, but its address has the answer.",
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

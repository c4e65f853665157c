import { message } from "../messages/walk/index.ts";
import { finishLink, parametersOf, startLink } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { scopeFields } from "./device-steps.ts";
import { away, button, el, field, fill, table, textInput } from "./dom.ts";

/** Step C. */
export const linkStep: StepDefinition = {
  id: "link",
  needs: ({ found, client }) => (found?.metadata.authorization_endpoint === undefined ? undefined : client),
  isDone: ({ tokens }) => tokens !== undefined,
  build: (card) => {
    const { nodes, input } = scopeFields(card);
    const uris = card.walk.state.client?.requested.redirect_uris;
    const redirectUri = textInput(Array.isArray(uris) ? String(uris[0]) : "");
    const { canCreate, prompt } = promptChoice(card);
    const way = el("div");
    const go = async () => {
      const asked = {
        ...input(),
        redirectUri: redirectUri.value,
        ...(prompt.value !== "" && { prompt: prompt.value }),
      };
      await card.walk.take(card, (state, world) => startLink(state, asked, world), false);
      fill(way, ...wayBack(card));
    };
    return [
      ...nodes,
      field("redirect_uri", redirectUri, message("link.redirect")),
      field("prompt", prompt, message(canCreate ? "link.prompt.help" : "link.prompt.absent")),
      act("link.button", () => void go()),
      way,
    ];
  },
};

/** Without a choice the parameter is left out; `none` would be a value of its own (OpenID Connect Core 3.1.2.1). */
function promptChoice({ walk }: Card) {
  const supported = walk.state.found?.metadata.prompt_values_supported;
  const canCreate = Array.isArray(supported) && (supported as readonly unknown[]).includes("create");
  const prompt = el(
    "select",
    {},
    el("option", { value: "" }, message("link.prompt.none")),
    ...(canCreate ? [el("option", { value: "create" }, "create")] : []),
  );
  return { canCreate, prompt };
}

function wayBack(card: Card): readonly HTMLElement[] {
  const { walk } = card;
  const { link } = walk.state;
  if (!link) return [];
  const callback = textInput("");
  const parts = el("div");
  callback.addEventListener("input", () => {
    const given = parametersOf(callback.value);
    const shown = {
      code: message("link.code"),
      state: message(given.get("state") === link.state ? "link.matches" : "link.differs"),
    };
    const rows = [...given.keys()].map(
      (name) => [name, Object.hasOwn(shown, name) ? shown[name as "code"] : ""] as const,
    );
    fill(parts, table(message("link.callback"), rows));
  });
  const finish = () => {
    const pasted = { callback: callback.value };
    callback.value = "";
    parts.replaceChildren();
    void walk.take(card, (state, world) => finishLink(state, pasted, world));
  };
  return [
    table(message("link.parts"), [
      ["state", link.state],
      ["code_challenge", link.challenge],
    ]),
    revealed("code_verifier", link.verifier),
    el("p", {}, away(link.url)),
    field(message("link.address"), callback, message("link.address.help")),
    parts,
    act("link.exchange", finish),
  ];
}

/** A secret of this page, masked until somebody wants to see it. */
function revealed(name: string, secret: string): HTMLElement {
  const value = el("code", {}, "•".repeat(12));
  const show = button(message("link.show", { name }), "quiet small", () => fill(value, secret));
  return el("p", {}, `${name}: `, value, " ", show);
}

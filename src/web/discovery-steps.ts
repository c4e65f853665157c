import { message } from "../messages/walk/index.ts";
import { authIssuerUrl, check, configurationUrl, discover, discoverHistoric } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { button, copyButton, el, field, textInput } from "./dom.ts";
import { quirkChoice } from "./simulator.ts";

/** Step 1, on the present way and on the one of the first drafts. */
export const discoverStep: StepDefinition = {
  id: "discover",
  needs: () => true,
  build: (card) => {
    const homeserver = textInput(card.walk.homeserver);
    homeserver.setAttribute("placeholder", "@me:example.org");
    const go = () => {
      card.walk.begin(homeserver.value);
      void card.walk.take(card, (state, world) => discover(state, { homeserver: homeserver.value }, world));
    };
    homeserver.addEventListener("keydown", ({ key }) => key === "Enter" && go());
    return [
      field(message("discover.input"), homeserver, message("discover.example")),
      act("discover.button", go),
      ...simulatorChoice(card, homeserver, go),
      olderServers(card, homeserver),
    ];
  },
};

function simulatorChoice({ walk }: Card, homeserver: HTMLInputElement, go: () => void): readonly Node[] {
  if (walk.simulators.length === 0) return [];
  const buttons = walk.simulators.map(({ name, of, url }) => {
    const choose = button(name, "quiet small", () => {
      homeserver.value = url;
      homeserver.dispatchEvent(new Event("input"));
      go();
    });
    choose.title = of;
    return choose;
  });
  return [
    el("p", { class: "soft", id: "simulators" }, message("simulator.choice")),
    el("div", { class: "buttons", role: "group", "aria-labelledby": "simulators" }, ...buttons),
    quirkChoice(walk),
  ];
}

/** Both addresses as they follow from what is known, until somebody writes others. */
function olderServers(card: Card, homeserver: HTMLInputElement): HTMLElement {
  const issuer = textInput("");
  const configuration = textInput("");
  issuer.placeholder = authIssuerUrl("https://matrix.example.org");
  configuration.placeholder = configurationUrl("https://example.org");
  const own = new Set<HTMLInputElement>();
  const show = (field: HTMLInputElement, url: string) => {
    if (!own.has(field)) field.value = url;
  };
  for (const field of [issuer, configuration])
    field.addEventListener("input", () => (field.value === "" ? own.delete(field) : own.add(field)));
  const guess = () => {
    const base = likelyBaseUrl(homeserver.value);
    show(issuer, base === "" ? "" : authIssuerUrl(base));
    show(configuration, base === "" ? "" : configurationUrl(base));
  };
  homeserver.addEventListener("input", guess);
  guess();
  const go = async () => {
    const input = {
      homeserver: homeserver.value,
      ...(own.has(issuer) && { authIssuerUrl: issuer.value }),
      ...(own.has(configuration) && { configurationUrl: configuration.value }),
    };
    card.walk.begin(homeserver.value, own.size > 0 ? "older-elsewhere" : "older");
    const done = await card.walk.take(card, (state, world) => discoverHistoric(state, input, world));
    for (const { url } of done?.exchanges ?? []) {
      if (url.endsWith(authIssuerUrl(""))) show(issuer, url);
      if (url.endsWith(configurationUrl(""))) show(configuration, url);
    }
  };
  return el(
    "details",
    {},
    el("summary", {}, message("discover.older")),
    field(message("discover.older.issuer"), issuer, message("discover.older.issuer.help")),
    field(message("discover.older.configuration"), configuration, message("discover.older.configuration.help")),
    act("discover.older.button", () => void go()),
  );
}

/** Where the API of what is typed would be without a lookup. */
function likelyBaseUrl(homeserver: string): string {
  const text = homeserver.trim().replace(/^@[^:]*:/, "");
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  return text === "" || !url ? "" : url.href.replace(/\/$/, "");
}

/** Step 2. */
export const checkStep: StepDefinition = {
  id: "check",
  needs: ({ found }) => found,
  build: (card) => {
    const { walk } = card;
    const command = walk.commandOf("revoke");
    const raw = JSON.stringify(walk.state.found?.document, null, 2);
    const same =
      command === undefined
        ? []
        : [
            el(
              "p",
              {},
              message("check.command"),
              " ",
              el("code", {}, command),
              " ",
              copyButton(message("check.copy"), () => command),
            ),
          ];
    return [
      el("details", {}, el("summary", {}, message("check.raw")), el("pre", {}, raw)),
      ...same,
      act("check.button", () => void walk.take(card, (state, world) => check(state, {}, world))),
    ];
  },
};

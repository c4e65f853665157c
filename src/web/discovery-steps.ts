import { asCoatcheck, check, discover, discoverHistoric } from "../walk/index.ts";
import { act, type Card, type StepDefinition } from "./card.ts";
import { button, copyButton, el, field, textInput } from "./dom.ts";

/** Step 1, on the present way and on the one of the first drafts. */
export const discoverStep: StepDefinition = {
  id: "discover",
  needs: () => true,
  build: (card) => {
    const homeserver = textInput("");
    homeserver.placeholder = "@me:example.org, example.org or https://matrix.example.org";
    const go = () => {
      card.walk.begin(homeserver.value);
      void card.walk.take(card, (state, world) => discover(state, { homeserver: homeserver.value }, world));
    };
    homeserver.addEventListener("keydown", ({ key }) => key === "Enter" && go());
    return [
      field("User id, server name or address of the homeserver", homeserver),
      ...simulatorChoice(card, homeserver, go),
      act("Find the authorization server", go),
      olderServers(card, homeserver),
    ];
  },
};

function simulatorChoice({ walk }: Card, homeserver: HTMLInputElement, go: () => void): readonly Node[] {
  if (walk.simulators.length === 0) return [];
  const buttons = walk.simulators.map(({ name, of, url }) => {
    const choose = button(name, "quiet small", () => {
      homeserver.value = url;
      go();
    });
    choose.title = of;
    return choose;
  });
  return [
    el("p", { class: "soft", id: "simulators" }, "Or use a simulated homeserver that behaves like:"),
    el("div", { class: "buttons", role: "group", "aria-labelledby": "simulators" }, ...buttons),
  ];
}

function olderServers(card: Card, homeserver: HTMLInputElement): HTMLElement {
  const issuer = textInput("");
  const configuration = textInput("");
  issuer.placeholder = "BASE/_matrix/client/unstable/org.matrix.msc2965/auth_issuer";
  configuration.placeholder = "ISSUER/.well-known/openid-configuration";
  const go = () => {
    const input = {
      homeserver: homeserver.value,
      ...(issuer.value !== "" && { authIssuerUrl: issuer.value }),
      ...(configuration.value !== "" && { configurationUrl: configuration.value }),
    };
    card.walk.begin(homeserver.value);
    void card.walk.take(card, (state, world) => discoverHistoric(state, input, world));
  };
  return el(
    "details",
    {},
    el("summary", {}, "Older servers: issuer first, then its OpenID metadata"),
    field("URL that names the issuer (empty: the default)", issuer),
    field("URL of the issuer's metadata (empty: the default)", configuration),
    act("Use the older way", go),
  );
}

/** Step 2. */
export const checkStep: StepDefinition = {
  id: "check",
  needs: ({ found }) => found,
  build: (card) => {
    const { walk } = card;
    const command = asCoatcheck({ homeserver: walk.state.found?.input ?? "" });
    const raw = JSON.stringify(walk.state.found?.document, null, 2);
    return [
      el("details", {}, el("summary", {}, "The document as it was sent"), el("pre", {}, raw)),
      el(
        "p",
        {},
        "The same steps in a terminal: ",
        el("code", {}, command),
        " ",
        copyButton("Copy", () => command),
      ),
      act("Check the metadata", () => void walk.take(card, (state, world) => check(state, {}, world))),
    ];
  },
};

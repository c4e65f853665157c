import { type Prompt, type Session, start } from "../client/index.ts";
import { button, el } from "./dom.ts";

/** A program as it would be written with the client library, only that it shows what it does. The session is in memory only. */
export class DemoLogin {
  readonly #server: string;
  readonly #told = el("ol", { class: "told", "aria-live": "polite" });
  readonly #actions = el("div", { class: "buttons" });
  #calls = 0;

  constructor(stage: HTMLElement, server: string) {
    this.#server = server;
    stage.replaceChildren(this.#told, this.#actions);
    this.#actions.append(this.#starter("Start a demo login"));
  }

  #starter(label: string): HTMLElement {
    return button(label, "", () => {
      this.#calls = 0;
      this.#told.replaceChildren();
      this.#actions.replaceChildren();
      void this.#try(() => this.#signIn());
    });
  }

  /** Whatever goes wrong is said, and it can be begun again. */
  async #try(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#tell(el("p", { class: "problem" }, `It ended: ${error instanceof Error ? error.message : error}.`));
      this.#act(this.#starter("Start again"));
    }
  }

  async #signIn(): Promise<void> {
    const broker = location.origin;
    const { session, prompt } = await start({ broker, server: this.#server, label: "the start page" });
    this.#tell(
      "The program asked for a login and got a code for you:",
      el("strong", { class: "big" }, prompt.userCode),
    );
    this.#act(
      linkTo(prompt),
      button("Cancel", "quiet", () => void this.#try(async () => void (await session.logout()))),
    );
    await session.ready({ expiresIn: prompt.expiresIn });
    const { account } = await session.status();
    this.#tell(
      `${account?.subject ?? "Somebody"} has approved it. The program holds a session; Coatcheck keeps the login.`,
    );
    await this.#use(session);
    this.#act(
      button("Call the API again", "", () => void this.#try(() => this.#use(session))),
      button("Sign out", "quiet", () => void this.#try(() => this.#signOut(session))),
    );
  }

  /** By the proxy: the token never comes to this page. */
  async #use(session: Session): Promise<void> {
    const response = await session.fetch("api/hello");
    const answer = JSON.stringify(await response.json(), null, 2);
    const told = this.#calls++ === 0 ? "It called an API through Coatcheck, which put the token in:" : "And again:";
    this.#tell(told, el("pre", {}, `GET /session/proxy/api/hello\n${response.status} ${answer}`));
  }

  async #signOut(session: Session): Promise<void> {
    await session.logout();
    this.#tell("Signed out: the login is revoked at the demo server, and the session is over.");
    this.#act(this.#starter("Start again"));
  }

  /** What can be done next; whoever pressed a key is there, unless they went elsewhere. */
  #act(...actions: readonly HTMLElement[]): void {
    this.#actions.replaceChildren(...actions);
    if (document.activeElement === document.body) actions[0]?.focus({ preventScroll: true });
  }

  #tell(...parts: readonly (Node | string)[]): void {
    this.#told.append(el("li", {}, ...parts));
  }
}

function linkTo({ verificationUri, verificationUriComplete = verificationUri }: Prompt): HTMLElement {
  const link = { class: "button", href: verificationUriComplete, target: "_blank", rel: "noreferrer" };
  return el("a", link, "Open the sign-in page", el("span", { class: "hidden" }, " (in a new tab)"));
}

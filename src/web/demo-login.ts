import { CoatcheckError, type Prompt, type Session, start } from "../client/index.ts";
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
    this.#offer("Start a demo login");
  }

  #offer(label: string): void {
    this.#actions.replaceChildren(button(label, "", () => void this.#play()));
  }

  async #play(): Promise<void> {
    this.#calls = 0;
    this.#told.replaceChildren();
    this.#actions.replaceChildren();
    try {
      await this.#signIn();
    } catch (error) {
      if (!(error instanceof CoatcheckError)) throw error;
      this.#tell(el("p", { class: "problem" }, `It ended: ${error.message}.`));
      this.#offer("Start again");
    }
  }

  async #signIn(): Promise<void> {
    const broker = location.origin;
    const { session, prompt } = await start({ broker, server: this.#server, label: "the start page" });
    this.#tell(
      "The program asked for a login and got a code for you:",
      el("strong", { class: "big" }, prompt.userCode),
    );
    this.#actions.replaceChildren(
      linkTo(prompt),
      button("Cancel", "quiet", () => void session.logout()),
    );
    await session.ready({ expiresIn: prompt.expiresIn });
    const { account } = await session.status();
    this.#tell(
      `${account?.subject ?? "Somebody"} has approved it. The program holds a session; Coatcheck keeps the login.`,
    );
    await this.#use(session);
    this.#actions.replaceChildren(
      button("Call the API again", "", () => void this.#use(session)),
      button("Sign out", "quiet", () => void this.#signOut(session)),
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
    this.#offer("Start again");
  }

  #tell(...parts: readonly (Node | string)[]): void {
    this.#told.append(el("li", {}, ...parts));
  }
}

function linkTo({ verificationUri, verificationUriComplete = verificationUri }: Prompt): HTMLElement {
  const link = { class: "button", href: verificationUriComplete, target: "_blank", rel: "noreferrer" };
  return el("a", link, "Open the sign-in page", el("span", { class: "hidden" }, " (in a new tab)"));
}

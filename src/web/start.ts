import { DemoLogin } from "./demo-login.ts";
import { copyButton } from "./dom.ts";

/** The start page of a broker for development. */
document.querySelectorAll(".command").forEach((command, index) => {
  const copy = copyButton("Copy", () => command.querySelector("code")?.textContent ?? "");
  copy.setAttribute("aria-describedby", `step-${index + 1}`);
  command.append(copy);
});

const stage = document.querySelector<HTMLElement>("#demo-login");
if (stage) new DemoLogin(stage, stage.dataset.server ?? "");

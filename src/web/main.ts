import { readLanguage } from "./language.ts";
import { Walk } from "./walk.ts";

const main = document.querySelector("main");
readLanguage();
if (main) new Walk(main, JSON.parse(main.dataset.simulators ?? "[]"), main.dataset.mount ?? "");

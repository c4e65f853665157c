import { Walk } from "./walk.ts";

const main = document.querySelector("main");
if (main) new Walk(main, JSON.parse(main.dataset.simulators ?? "[]"), main.dataset.mount ?? "");

import { keepChecked, keepLive } from "./live.ts";

/** The dashboard: what is whole without a script stays up to date with one. */
const { again } = document.querySelector("main")?.dataset ?? {};
if (again !== undefined) keepLive(Number(again) * 1000);
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-check]")) keepChecked(form);

import { together } from "../support/together.ts";

await together("helpers-1");

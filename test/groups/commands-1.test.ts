import { together } from "../support/together.ts";

await together("commands-1");

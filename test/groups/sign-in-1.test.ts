import { together } from "../support/together.ts";

await together("sign-in-1");

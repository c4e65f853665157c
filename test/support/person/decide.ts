import { Visitor } from "./visitor.ts";

/** Decides on a login of the demo server (started with a `person`): the last page's text. */
export async function decide(verificationUriComplete: string, answer: "allow" | "deny"): Promise<string> {
  const visitor = new Visitor();
  await visitor.open(verificationUriComplete);
  await visitor.submit(answer === "deny" ? { abort: "yes" } : {});
  for (let pages = 0; !/Sign-in Success|Nothing was connected/.test(visitor.html); pages++) {
    if (pages > 3) throw new Error(visitor.html);
    await visitor.submit();
  }
  return visitor.html;
}

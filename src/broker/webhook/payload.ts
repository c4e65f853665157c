import type { News } from "../record/news.ts";

/** What an endpoint is sent, as JSON; the same bytes at every attempt. */
export function payloadOf(news: News): string {
  const { type, at, about } = news;
  const { mount, credential, session, server, account } = about;
  return JSON.stringify({
    type,
    timestamp: time(at),
    data: { mount, credential, ...(session && { session }), server, ...(account && { account }), ...wordsOf(news) },
  });
}

/** What happened, and what a person should do. */
function wordsOf(news: News): Readonly<Record<string, string>> {
  switch (news.type) {
    case "login.needs_person":
      return {
        reason: news.reason,
        message: `the login can no longer be refreshed (${news.reason}): the person must sign in again`,
      };
    case "login.ends_soon":
      return {
        because: news.because,
        ends_at: time(news.endsAt),
        message: `${ENDS[news.because]} ends at ${time(news.endsAt)}, and nothing extends it: sign in again before then`,
      };
    case "login.revoked":
      return { result: news.result, message: REVOKED[news.result] };
    default:
      return news satisfies never;
  }
}

const ENDS = { refresh_token: "the login at the provider", session: "the program's session" } as const;

const REVOKED = {
  revoked: "the login was ended, and its tokens were revoked at the provider",
  unproved:
    "the login was ended, and its provider never proved that its tokens are revoked: look at the account's devices there",
  refused: "the login was ended, but its provider did not let its tokens be revoked: end it at the provider",
  given_up: "the login was ended, but its provider did not answer for a week: end it at the provider",
} as const;

function time(at: number): string {
  return new Date(at).toISOString();
}

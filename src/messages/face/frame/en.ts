/** What is around every screen, and signing in and out. */
export const en = {
  skip: "Skip to the content",
  navigation: "Screens",
  "sign-out": "Sign out",
  "sign-in.title": "Sign in",
  "sign-in.lead":
    "With an operator's token, or any other token of this broker. You see and do what its policies allow.",
  "sign-in.token": "Token",
  "sign-in.help":
    "It is sent once, and not kept in this browser: a token of its own, which ends after 8 hours, with yours, or when you sign out, takes its place.",
  "sign-in.submit": "Sign in",
  "sign-in.empty": "Enter a token.",
  "sign-in.wrong": "This token is unknown, or has ended. Check that you copied all of it.",
  "sign-in.stale": "This page was open for too long, or was opened in another browser. Enter the token again.",
  "sign-in.ended": "You are signed out: your token has ended, or was revoked. Sign in again to go on where you were.",
  "sign-in.undone":
    "Nothing was done, since nobody is signed in here any more. Sign in again; you come back to the form, and can repeat it.",
  "sign-in.two":
    "This browser has two sign-ins here. We set only one, so another host of this domain may have set the other, and neither is used. Delete the cookies of this domain, and sign in again.",
  "sign-in.by": "Sign in by {name}",
  "sign-in.no-oidc":
    "Nobody can sign in here in this way yet: its default role has to be one of people with callback_mode client, and has to allow the redirect URI {uri}, as the provider does.",
  "sign-in.done": "You are signed in",
  "sign-in.go-on": "Go on",
  "signed-out.title": "You are signed out",
  "signed-out.text": "The token of this browser has been revoked.",
  "signed-out.again": "Sign in again",
  "home.policies": "Policies",
  "home.accessor": "Accessor of this browser's token",
  "home.ends": "Signed in until",
  "home.unknown": "Your token may not look at itself, so nothing can be said of it here.",
  "home.nothing": "Your token may see nothing on the other screens. An operator can give it a policy.",
  "home.sessions-end": "Signing out ends this browser's token alone; the token you signed in with stays as it is.",
  "error.title": "This did not work",
  "error.denied.title": "Your token does not allow this",
  "error.denied":
    "The broker refused it: {text}. A policy decides what each token may see and do; an operator can change it, or give you another token.",
  "error.gone.title": "There is nothing here",
  "error.gone": "It does not exist, or not any more.",
  "error.foreign":
    "This form was not sent from a page of this broker, so nothing was done. Open the page again and repeat it.",
  "error.stale":
    "This form belongs to another sign-in, so nothing was done. That happens when you have signed in again in another tab. Go back, reload the page and repeat it.",
  "error.away.title": "The broker cannot answer this now",
  "error.back": "Go back to {page}",
  "error.status": "Status {status}",
  "bad-name":
    "This cannot be a name: it may have at most 512 bytes and no control characters, and no segment between slashes may be empty, a dot or two, or end with a colon.",
  away: "The broker does not answer. What you see may be out of date; this page goes on asking by itself.",
  "time.at": "{relative} ({time})",
} as const;

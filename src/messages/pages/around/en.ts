/** What a browser is shown that comes to an address in vain. */
export const en = {
  "error.title": "This did not work",
  "error.nowhere.title": "There is nothing here",
  "error.nowhere.text":
    "The address may be mistyped, or the link is old. If a program sent you here, get a new link from it.",
  "error.programs.title": "This address is for programs",
  "error.programs.text": "It answers only requests with a token, which a browser does not send.",
  "error.start": "Start page",
  "error.code": "Enter a code",
  "error.status": "Status {status}",
} as const;

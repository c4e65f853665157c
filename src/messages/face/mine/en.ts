/** For everybody: which programs hold a login of one's own. */
export const en = {
  "mine.title": "My logins",
  "mine.lead":
    "Programs that use your account through this broker: which, since when, and from where. End what you do not know.",
  "mine.waiting": "Waits for you",
  "mine.waiting.text":
    "Allow only what you started yourself. Somebody who sends you a code or a link wants to use your account.",
  "mine.waiting.caption": "Logins of programs that nobody has approved yet",
  "mine.decide": "Your decision",
  "mine.decide.link": "Look, and allow or deny",
  "mine.deny": "End it",
  "mine.held": "Allowed",
  "mine.caption": "Programs with a login of yours, or begun by you",
  "mine.none": "No program holds a login of yours that can be shown here.",
  "mine.more": "There are more sessions to look at, and some of them may be yours: go on to the next page.",
  "mine.code.title": "A program shows you a code?",
  "mine.code.text": "Then it waits for you, whoever you are signed in as here.",
  "mine.code.link": "Enter the code",
} as const;

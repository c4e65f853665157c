/** What is written down for a program: who answers for what. */
export interface Entry {
  /** Host, registry, index, profile: what the program asks for. */
  readonly key: string;
  /** The login that answers. */
  readonly name: string;
  /** This program's path, for files of others. */
  readonly bin: string;
  /** Where the link is, if there is one. */
  readonly link?: string;
  /** A current token, for those that hold one. */
  readonly token?: string;
}

/** A foreign program: how it is told to ask us. */
export interface Target {
  /** What `key` is, for the help. */
  readonly key: string;
  /** The key as the program will ask for it. Throws a usage error for one that it never asks for. */
  readonly normal: (key: string) => string;
  /** Name of the link by which the program calls us. */
  readonly link?: (name: string) => string;
  /** Where it looks for it, below the home folder; else in the search path. */
  readonly folder?: string;
  /** Its settings hold a token, which ends. */
  readonly holdsToken?: boolean;
  /** Its settings are changed here; `describe` is what a person sees before. */
  readonly change?: {
    describe(entry: Entry): readonly string[];
    apply(entry: Entry): void;
    undo(entry: Entry): void;
  };
  /** Its settings are a person's to change: what to paste where. */
  readonly paste?: (entry: Entry) => string;
  /** What was pasted is for all keys of the program, not for one. */
  readonly pastedOnce?: boolean;
}

/** Names in a text: `{name}` stands for a value. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** What is put into a text; a message is said in the same language, a number as people there write it. */
type Value = string | number | Message;

/** What is given beside the key of a text. */
export type Arguments<Text extends string> = [Names<Text>] extends [never]
  ? readonly []
  : readonly [values: { readonly [Name in Names<Text>]: Value }];

/** A text by its key, and what stands in it: data, which can be said in any language, now or later. */
export interface Message<Key extends string = string> {
  readonly key: Key;
  readonly values?: Readonly<Record<string, Value>>;
}

/** Another language: it has every key of the English texts, or the type check fails; a test compares the names in them. */
export type Translation<English> = { readonly [Key in keyof English]: string };

/** Makes a message of a text; the type check wants every value that the English text names. */
export type ToMessage<English extends Readonly<Record<string, string>>> = <Key extends keyof English & string>(
  key: Key,
  ...values: Arguments<English[Key]>
) => Message<keyof English & string>;

/** A message in a language (BCP 47). */
export function say<Key extends string>(
  texts: Readonly<Record<Key, string>>,
  language: string,
  { key, values = {} }: Message<Key>,
): string {
  const shown = (value: Value): string => {
    if (typeof value === "object") return say(texts, language, value as Message<Key>);
    return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  };
  // Each name once, from left to right: a value that has braces of its own stays as it is.
  return texts[key].replaceAll(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    return value === undefined ? hole : shown(value);
  });
}

import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const ja: Translation<typeof en> = {
  "mine.title": "自分のログイン",
  "mine.lead":
    "このブローカーを通してあなたのアカウントを使っているプログラムと、その開始時期、接続元です。心当たりのないものは終了してください。",
  "mine.waiting": "あなたの判断待ち",
  "mine.waiting.text":
    "ご自身で始めたものだけを許可してください。コードやリンクを送ってくる人は、あなたのアカウントを使おうとしています。",
  "mine.waiting.caption": "まだ誰も承認していないプログラムのログイン",
  "mine.decide": "あなたの判断",
  "mine.decide.link": "確認して許可または拒否する",
  "mine.deny": "終了する",
  "mine.held": "許可済み",
  "mine.caption": "あなたのログインを持つ、またはあなたが始めたプログラム",
  "mine.none": "ここに表示できるあなたのログインを持つプログラムはありません。",
  "mine.more": "まだ確認していないセッションがあり、あなたのものが含まれるかもしれません。次のページへ進んでください。",
  "mine.code.title": "プログラムにコードが表示されていますか？",
  "mine.code.text": "ここでのサインインに関係なく、そのプログラムはあなたを待っています。",
  "mine.code.link": "コードを入力する",
};

import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const ja: Translation<typeof en> = {
  "error.title": "うまくいきませんでした",
  "error.nowhere.title": "ここには何もありません",
  "error.nowhere.text":
    "アドレスの入力ミスか、古いリンクの可能性があります。プログラムから案内された場合は、新しいリンクを取得してください。",
  "error.programs.title": "このアドレスはプログラム用です",
  "error.programs.text": "トークン付きのリクエストにだけ応答します。ブラウザーはトークンを送りません。",
  "error.start": "スタートページ",
  "error.code": "コードを入力する",
  "error.status": "ステータス {status}",
};

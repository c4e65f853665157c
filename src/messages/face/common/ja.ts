import type { Translation } from "../../message.ts";
import type { en } from "./en.ts";

export const ja: Translation<typeof en> = {
  "nav.home": "概要",
  "nav.access": "アクセス",
  "nav.mounts": "マウント",
  "nav.sessions": "セッション",
  "nav.mine": "自分のログイン",
  "nav.servers": "サーバー",
  "nav.credentials": "認証情報",
  "credentials.name": "名前",
  "credentials.state": "状態",
  "credentials.server": "サーバー",
  "state.good": "正常",
  "state.pending": "本人の操作待ち",
  "state.retried": "問題あり。自動で再試行します",
  "state.operator": "運用者の対応が必要です",
  "state.person": "再度のサインインが必要です",
  "state.failed": "終了",
  "state.failed-operator": "終了。運用者の対応が必要です",
  "state.unknown": "開けません",
  "pending.left": "残り {left}",
  "filter.counts": "状態ごとの件数",
  "filter.lost": "検索した内容は別のサインインで入力されたため、読み取れなくなりました。もう一度入力してください。",
};

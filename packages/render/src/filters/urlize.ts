import { escapeMarkup } from "../values/markup.ts";
import { textLength, characters } from "../values/text.ts";
import type { Value } from "../values/value.ts";

/** Options of {@link urlize}. */
export interface UrlizeOptions {
  readonly limit: () => number | undefined;
  readonly nofollow: boolean;
  readonly target: string | undefined;
  readonly rel: string | undefined;
  readonly schemes: readonly string[];
}

const LABEL = "[\\p{L}\\p{N}_%-]";
const ADDRESS = new RegExp(
  "^(?:(?:https?:\\/\\/|www\\.)(?:(?:" +
    `${LABEL}+\\.)+)?(?:[a-z]{2,63}|xn--[\\p{L}\\p{N}_%]{2,59})` +
    `|(?:${LABEL}{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)` +
    "|https?:\\/\\/(?:\\d{1,3}(?:\\.\\d{1,3}){3}|\\[(?:[\\da-f]{0,4}:){2}(?:[\\da-f]{0,4}:?){1,6}\\]))" +
    "(?::\\d{1,5})?(?:[/?#]\\S*)?$",
  "iu",
);
const MAIL = /^\S+@[\p{L}\p{N}_][\p{L}\p{N}_.-]*\.[\p{L}\p{N}_]+$/u;
const PAIRS = [
  ["(", ")"],
  ["<", ">"],
  ["&lt;", "&gt;"],
] as const;

/** Makes links of the addresses in a text. */
export function urlize(text: Value, options: UrlizeOptions): string {
  const rel = new Set((options.rel ?? "").split(/\s+/).filter((word) => word !== ""));
  if (options.nofollow) rel.add("nofollow");
  rel.add("noopener");
  const relText = ` rel="${escapeMarkup([...rel].sort().join(" ")).text}"`;
  const targetText =
    options.target === undefined ? "" : ` target="${escapeMarkup(options.target).text}"`;
  const attributes = relText + targetText;
  return escapeMarkup(text)
    .text.split(/(\s+)/)
    .map((word) => link(word, attributes, options))
    .join("");
}

const count = (text: string, part: string): number => text.split(part).length - 1;

function link(word: string, attributes: string, options: UrlizeOptions): string {
  const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? "";
  let middle = word.slice(head.length);
  let tail = /(?:[)>.,\n]|&gt;)+$/.exec(middle)?.[0] ?? "";
  middle = middle.slice(0, middle.length - tail.length);
  for (const [open, close] of PAIRS) {
    if (count(middle, open) <= count(middle, close)) continue;
    for (let turn = Math.min(count(middle, open), count(tail, close)); turn > 0; turn--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return head + anchor(middle, attributes, options) + tail;
}

function anchor(text: string, attributes: string, options: UrlizeOptions): string {
  if (ADDRESS.test(text)) {
    const limit = options.limit();
    const shown =
      limit !== undefined && textLength(text) > limit
        ? `${characters(text).slice(0, limit).join("")}...`
        : text;
    const scheme = /^https?:\/\//.test(text) ? "" : "https://";
    return `<a href="${scheme}${text}"${attributes}>${shown}</a>`;
  }
  if (text.startsWith("mailto:") && MAIL.test(text.slice(7))) {
    return `<a href="${text}">${text.slice(7)}</a>`;
  }
  if (!/^(?:www\.|@)/.test(text) && !text.includes(":") && MAIL.test(text)) {
    return `<a href="mailto:${text}">${text}</a>`;
  }
  const scheme = options.schemes.find((known) => text !== known && text.startsWith(known));
  return scheme === undefined ? text : `<a href="${text}"${attributes}>${text}</a>`;
}

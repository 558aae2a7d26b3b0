import { truth } from "./values/basics.ts";
import { limitError } from "./values/limits.ts";
import { Markup } from "./values/markup.ts";
import { bind, parseSignature, PyFunction } from "./values/method.ts";
import { indexNumber, type Value } from "./values/value.ts";

const WORDS =
  "a ac ad aenean aliquam amet ante arcu at augue commodo congue consectetuer cras cum cursus dapibus diam dictum dis dolor donec dui duis egestas eget elit enim erat eros est et etiam eu facilisi fames felis fermentum fringilla fusce gravida habitant hendrerit iaculis id imperdiet in integer ipsum justo lacinia lacus laoreet lectus leo libero ligula lobortis lorem luctus magna massa mattis mauris metus mi molestie mollis morbi nam nec neque nibh nisi nisl non nulla nunc odio orci ornare pede pellentesque porta posuere praesent pretium proin pulvinar purus quam quis quisque rhoncus risus rutrum sagittis sapien sed sem semper sit sociis sodales suscipit tellus tempor tincidunt tortor tristique turpis ullamcorper urna ut varius vel velit vestibulum vitae vivamus volutpat vulputate".split(
    " ",
  );

const signature = parseSignature("generate_lorem_ipsum(n=5, html=True, min=20, max=100)");

/** Most words of one text. */
const MOST_WORDS = 1_000_000;

const below = (count: number): number => Math.floor(Math.random() * count);

/** `lipsum(n=5, html=True, min=20, max=100)`: paragraphs of random Latin. */
export const lipsum = new PyFunction(
  "lipsum",
  (call) => {
    const [n = 5, html = true, min = 20, max = 100] = bind(signature, call);
    const paragraphs = makeParagraphs(n, min, max);
    return truth(html)
      ? new Markup(paragraphs.map((text) => `<p>${text}</p>`).join("\n"))
      : paragraphs.join("\n\n");
  },
  "<function generate_lorem_ipsum at 0x7f0000000000>",
);

function makeParagraphs(n: Value, min: Value, max: Value): string[] {
  const count = Math.max(0, indexNumber(n));
  const least = indexNumber(min);
  const most = indexNumber(max);
  if (count * Math.max(least, most) > MOST_WORDS) {
    throw limitError(`lipsum would have more than ${MOST_WORDS} words`);
  }
  return Array.from({ length: count }, () => paragraph(least + below(Math.max(1, most - least))));
}

/** Sentences with commas now and then, a capital at their start, and a point at the end. */
function paragraph(size: number): string {
  const parts: string[] = [];
  let begins = true;
  let last = "";
  let untilComma = 3 + below(6);
  let untilPoint = 10 + below(11);
  for (let at = 0; at < size; at++) {
    let word = last;
    while (word === last) word = WORDS[below(WORDS.length)] ?? "";
    last = word;
    let text = begins ? word.slice(0, 1).toUpperCase() + word.slice(1) : word;
    begins = false;
    if (--untilPoint <= 0) {
      text += ".";
      begins = true;
      untilPoint = 10 + below(11);
      untilComma = 3 + below(6);
    } else if (--untilComma <= 0) {
      text += ",";
      untilComma = 3 + below(6);
    }
    parts.push(text);
  }
  const text = parts.join(" ");
  if (text.endsWith(",")) return `${text.slice(0, -1)}.`;
  return text.endsWith(".") ? text : `${text}.`;
}

import { expect, test } from "vitest";
import { createRedactor } from "./redact.ts";

const secret = 'pa$$ "wörd" & more/';

test.each([
  ["itself", secret],
  ["JSON", JSON.stringify({ a: secret })],
  ["JSON as Python writes it", JSON.stringify(secret).replace("ö", "\\u00f6")],
  ["a URL", `https://x/?p=${encodeURIComponent(secret)}`],
  ["a form", new URLSearchParams({ p: secret }).toString().replaceAll("%21", "!")],
  ["base64", Buffer.from(secret).toString("base64")],
  ["base64 for URLs", Buffer.from(secret).toString("base64url")],
  ["hexadecimal", Buffer.from(secret).toString("hex")],
  ["a basic login", Buffer.from(`user:${secret}`).toString("base64")],
  ["a login with a longer name", Buffer.from(`users:${secret}\n`).toString("base64")],
  ["a login with a name of another length", Buffer.from(`us:${secret}:x`).toString("base64")],
])("a secret is masked in %s", (_what, text) => {
  const redactor = createRedactor();
  redactor.add(secret);

  const masked = redactor.mask(`before ${text} after`);

  expect(masked).toMatch(/^before .*\*{4}.* after$/s);
  expect(masked.length).toBeLessThan(text.length + 10);
});

test("a secret that holds another one is masked whole, and short words are none", () => {
  const redactor = createRedactor();
  for (const each of ["abcd", "abcdefgh", "ab"]) redactor.add(each);

  expect(redactor.mask("abcdefgh abcd ab")).toBe("**** **** ab");
});

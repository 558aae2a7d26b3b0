import { expect, it } from "vitest";
import { escapeXml, xmlContent } from "./xml.ts";

it("escapes what would end the text or be lost in it", () => {
  expect(escapeXml(`<a href="x">'&'\r\n\u0001</a>`)).toBe(
    "&lt;a href=&quot;x&quot;&gt;&apos;&amp;&apos;&#xD;&#xA;&#x1;&lt;/a&gt;",
  );
});

it("repeats the element of a list and leaves out what is undefined", () => {
  const content = xmlContent({ Item: [{ Id: 1, Last: true }, "two"], None: undefined, Empty: [] });
  expect(content).toBe("<Item><Id>1</Id><Last>true</Last></Item><Item>two</Item>");
});

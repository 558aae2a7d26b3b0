import { expect, test } from "vitest";
import { templateFaults } from "./job-templates.ts";

test.each([
  ["{{ 1 + }}", "unexpected 'end of print statement' (line 1, column 8: {{ 1 + }})"],
  ["{% else %}x", "Encountered unknown tag 'else'. (line 1, column 4: {% else %}x)"],
  ["{{ 1|nope }}", "No filter named 'nope'. (line 1, column 6: {{ 1|nope }})"],
])("%s is no template, and told as it is written (CLI-047)", (payload, message) => {
  expect(templateFaults({ job_id: "j", payload })).toEqual([
    { path: ["payload"], message, isMember: false },
  ]);
});

test("templates are read and not carried out (CLI-047)", () => {
  expect(
    templateFaults({ job_id: "j", payload: "{{ [] | first / x }}{{ 'a' * y }}{{ job.z / 0 }}" }),
  ).toMatchObject([{ message: "'x' is undefined" }, { message: "'y' is undefined" }]);
});

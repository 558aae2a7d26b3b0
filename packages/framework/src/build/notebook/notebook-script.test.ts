import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { testProject } from "../../../test/test-project.ts";
import { notebookScript } from "./notebook-script.ts";

const code = (...source: string[]) => ({ cell_type: "code", execution_count: 3, source });

describe("a notebook", () => {
  test("is a script of its code, with its texts as comments (FW-169)", () => {
    const cells = [
      { cell_type: "markdown", source: ["# Title\n", "\n", "text"] },
      code("x = 1\n", "print(x)"),
      { cell_type: "raw", source: "left out" },
    ];

    const { text, findings } = notebookScript(JSON.stringify({ nbformat: 4, cells }), "x.ipynb");

    expect(text).toBe(
      "#!/usr/bin/env python3\n# coding: utf-8\n\n\n# # Title\n#\n# text\n\n\n# In[3]:\n\n\nx = 1\nprint(x)\n",
    );
    expect(findings).toEqual([]);
  });

  test("has what only a notebook can run as comments, with a warning where a value is lost (FW-169, FW-170)", () => {
    const cells = [
      code("%matplotlib inline\n", "!ls -l 'a'\n", "get_ipython().system('x')\n", "len?\n", "%run"),
      code("%%bash\n", "echo 'a'\n"),
      code(
        "files = !ls\n",
        "y = get_ipython().magic('z')\n",
        "z = (1\n",
        " %mod)\n",
        't = """\n%no\n"""',
      ),
    ];

    const { text, findings } = notebookScript(JSON.stringify({ cells }), "x.ipynb");

    expect(text.split("\n").filter((line) => /ipython|ls|mod|no/.test(line))).toEqual([
      "#get_ipython().run_line_magic('matplotlib', 'inline')",
      "#get_ipython().system('ls -l \\'a\\'')",
      "#get_ipython().system('x')",
      "#get_ipython().run_line_magic('pinfo', 'len')",
      "#get_ipython().run_line_magic('run', '')",
      "#get_ipython().run_cell_magic('bash', '', 'echo \\'a\\'')",
      "#files = !ls",
      "#y = get_ipython().magic('z')",
      " %mod)",
      "%no",
    ]);
    expect(findings.map(({ message }) => message)).toEqual([
      'cell 3: only a notebook can run "files = !ls"; it is a comment in the script',
      `cell 3: only a notebook can run "y = get_ipython().magic('z')"; it is a comment in the script`,
    ]);
  });

  test("of the older form is read too, and what is none is an error", () => {
    const old = { nbformat: 3, worksheets: [{ cells: [{ cell_type: "code", input: ["a = 1"] }] }] };

    expect(notebookScript(JSON.stringify(old), "x").text).toContain("\na = 1\n");
    expect(notebookScript("{", "x").findings[0]).toMatchObject({ code: "bad_notebook", file: "x" });
    expect(notebookScript("{}", "x").findings[0]?.message).toMatch(/no cells/);
  });

  test("is built as a script that runs, without any Jupyter (FW-171)", async () => {
    const cells = [code("%matplotlib inline\n", "print('from a notebook')")];
    using files = testProject({ "lava-payloads/n.ipynb": JSON.stringify({ cells }) });

    const { payloads } = await files.build("dev");

    expect(payloads.map(({ name, kind }) => [name, kind])).toEqual([["n.py", "notebook"]]);
    const output = execFileSync(`${files.dir}/dist/dev/lava-payloads/n.py`, { encoding: "utf8" });
    expect(output).toBe("from a notebook\n");
  });
});

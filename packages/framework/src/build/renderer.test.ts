import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";

const JOB = "description: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n";

describe("templates of a build", () => {
  test("include, extends and import by the component folder, then the project (FW-087..092)", async () => {
    using files = testProject({
      "lava-jobs/_base.jinja": `job_id: <% block id %><% endblock %>\n${JOB}`,
      "lava-jobs/a/child.yaml":
        "# <% extends '_base.jinja' %>\n<% block id %>app/test/child<% endblock %>\n",
      "lava-jobs/vars.jinja":
        "<% set name = 'named' %><% macro twice(x) %><{ x }><{ x }><% endmacro %>",
      "lava-jobs/b.yaml": `# <% from 'vars.jinja' import name, twice %>\njob_id: app/test/<{ name }>-<{ twice('ab') }>\n${JOB}`,
      "common/job.jinja": JOB,
      "lava-jobs/c.yaml": "job_id: app/test/<{ env }>\n# <% include 'common/job.jinja' %>\n",
    });

    const { items } = await files.build("dev");

    expect(items.map(({ id, data }) => [id, data?.["description"]])).toEqual([
      ["app/test/child", "d"],
      ["app/test/named-abab", "d"],
      ["app/test/dev", "d"],
    ]);
  });

  test("an included line after a comment mark is not lost (FW-093)", async () => {
    using files = testProject({
      "lava-jobs/_head.jinja": "job_id: app/test/x\n",
      "lava-jobs/a.yaml": `# <% include '_head.jinja' %>\n${JOB}`,
    });

    expect((await files.build("dev")).items[0]?.id).toBe("app/test/x");
  });

  test("an error in an included file is told with that file; names do not lead out of the project", async () => {
    using files = testProject({
      "lava-jobs/_bad.jinja": "ok: 1\nparameters:\n  args: [<{ nope.x }>]\n",
      "lava-jobs/a.yaml": "# <% include '_bad.jinja' %>\n",
      "lava-jobs/b.yaml": "# <% include '../../../etc/passwd' %>\n",
    });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [
        {
          file: "lava-jobs/_bad.jinja",
          line: 3,
          path: ["parameters", "args", 0],
          message: "'nope' is undefined",
        },
        {
          file: "lava-jobs/b.yaml",
          message: expect.stringMatching(/^template not found: .*passwd$/),
        },
      ],
    });
  });

  test.each([
    "include '/etc/hostname'",
    "include '..//../../../etc/hostname'",
    "include 'lava-jobs/../../../../etc/hostname'",
    "include '..\\\\..\\\\etc\\\\hostname'",
    "extends '../../../../etc/hostname'",
    "import '../../../../etc/hostname' as x",
    "from '/etc/hostname' import x",
    "include ['../../../../etc/hostname', '/etc/hostname']",
    "set up = '..' %><% include up ~ '/../../../../etc/hostname'",
  ])("no template leaves the project by <%% %s %%>", async (statement) => {
    using files = testProject({ "lava-jobs/a.yaml": `# <% ${statement} %>\n${JOB}` });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [{ message: expect.stringMatching(/not found|none of the templates/i) }],
    });
  });

  test("times and names that are built in (FW-064..068, FW-076)", async () => {
    using files = testProject({
      "misc/x.sql":
        "<{ env }>|<{ jinja.utc_ctime }>|<{ jinja.utc_datetime }>|<{ jinja.iso_datetime }>|<{ jinja.prog }>|<{ jinja.user }>|<{ environ.X }>\n",
    });

    await files.build("dev", {}, { X: "y" });

    expect(files.read("dist/dev/misc/x.sql")).toBe(
      "dev|Mon Nov 23 07:28:21 2026|2026-11-23 07:28:21|2026-11-23T07:28:21.086Z|jinja|tester|y\n",
    );
  });

  test("places are those of the source, and of the rendered text where they differ", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `# <% for x in ['a', 'b'] %>\nx-<{ x }>: 1\n# <% endfor %>\njob_id: app/test/a\n${JOB}bad: 1\n`,
    });

    await expect(files.build("dev")).rejects.toMatchObject({
      issues: [
        {
          path: ["bad"],
          line: 11,
          column: 1,
          message: expect.stringMatching(/line 13 of the rendered text/),
        },
      ],
    });
  });
});

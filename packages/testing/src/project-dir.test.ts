import { access, constants, readFile, stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectDir } from "./project-dir.ts";

test("a project has its files, scripts among them executable, until it is disposed of", async () => {
  let path = "";
  {
    await using project = await projectDir({ "jobs/a.yaml": "job_id: a\n", "run.sh": "echo" });
    path = project.path;
    await project.write({ tool: "#!/bin/sh\n" });

    expect(await readFile(project.file("jobs/a.yaml"), "utf8")).toBe("job_id: a\n");
    await access(project.file("run.sh"), constants.X_OK);
    await access(project.file("tool"), constants.X_OK);
  }
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

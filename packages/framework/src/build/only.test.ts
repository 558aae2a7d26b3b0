import { emulatedRealm } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { testConfig, testProject } from "../../test/test-project.ts";
import { deployPlan } from "../deploy/deploy.ts";
import { loadManifest } from "../deploy/manifest.ts";
import { planDeployment } from "../deploy/plan.ts";
import { uninstallPlan } from "../deploy/uninstall.ts";

const job = (name: string, description = "d"): string =>
  `job_id: app/test/${name}\ndescription: ${description}\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n`;
const by = { user: "tester", host: "test-host" };

describe("--only", () => {
  test("builds what is named by path or id, and leaves the rest as it is (FW-235)", async () => {
    using files = testProject({
      "lava-jobs/load/a.yaml": job("load/a"),
      "lava-jobs/load/b.yaml": job("load/b"),
      "lava-jobs/other.yaml": job("other"),
      "lava-payloads/x.sql": "select 1;\n",
    });
    await files.build("dev");
    files.write("lava-jobs/load/a.yaml", job("load/a", "new"));
    files.write("lava-jobs/load/b.yaml", job("load/b", "new"));
    files.write("lava-jobs/other.yaml", job("other", "new <{ 1 / 0 }>"));

    const byPath = await files.build("dev", { only: ["lava-jobs/load/a.yaml"] });
    const byId = await files.build("dev", { only: ["app/test/*/b"] });

    expect(byPath.built).toEqual(["lava-jobs/load/a.json"]);
    expect(byPath.items.map(({ id }) => id)).toEqual(["app/test/load/a"]);
    expect(byPath.payloads).toEqual([]);
    expect(byId.built).toEqual(["lava-jobs/load/b.json"]);
    expect(files.json("dist/dev/lava-jobs/other.json")).toMatchObject({ description: "d" });
    files.write("lava-jobs/other.yaml", job("other", "new"));
    expect((await files.build("dev")).built).toEqual(["lava-jobs/other.json"]);
    expect((await files.build("dev", { only: ["lava-payloads"] })).unchanged).toEqual([
      "lava-payloads/x.sql",
    ]);
    await expect(files.build("dev", { only: ["nothing/*"] })).rejects.toMatchObject({
      code: "NOTHING_SELECTED",
    });
  });

  test("plans, deploys and uninstalls nothing else, and the rest stays the project's", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    using files = testProject({
      "config/dev.yaml": testConfig(realm.name),
      "lava-jobs/a.yaml": job("a"),
      "lava-jobs/b.yaml": job("b"),
      "lava-payloads/x.sql": "select 1;\n",
    });
    await deployPlan(await planDeployment(await files.build("dev"), realm), realm, { by });
    files.write("lava-jobs/a.yaml", job("a", "new"));
    files.write("lava-jobs/b.yaml", job("b", "new"));

    const plan = await planDeployment(await files.build("dev", { only: ["app/test/a"] }), realm, {
      prune: true,
    });

    expect(plan.items.map(({ action, id }) => [action, id])).toEqual([["update", "app/test/a"]]);
    expect([plan.payloads, plan.orphans]).toEqual([[], []]);
    await deployPlan(plan, realm, { by });
    const owned = async () => {
      const { items, payloads } = await loadManifest(realm, "test-project", "dev");
      return [...items.map(({ id }) => id), ...payloads.map(({ key }) => key)].sort();
    };
    expect(await owned()).toEqual(["app/test/a", "app/test/b", "app/test/x.sql"]);
    const removal = await uninstallPlan(await files.open(), "dev", realm, { only: ["*/b"] });
    await deployPlan(removal, realm, { by });
    expect(await owned()).toEqual(["app/test/a", "app/test/x.sql"]);
    expect(await realm.jobs.getItem("app/test/b")).toBeUndefined();
    expect(await realm.jobs.getItem("app/test/a")).toMatchObject({ description: "new" });
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stopCommand, stopParameters } from "./stop-command.ts";

const settings = { wait: "5m", heartbeat: "1m", level: "info" } as const;
const alone = { instance_id: "i-1", group: undefined, hook: undefined, token: undefined };
const whole = { instance_id: "i-1", group: "lava-prod-core", hook: "it's a hook", token: "t-1" };

test("the command is lava-stop in the background, each value quoted (LAM-402, LAM-403)", () => {
  expect(stopCommand(alone, settings)).toBe(
    "nohup lava-stop --no-dispatch --signal SIGHUP --instance-id i-1 --log @local0 --level info" +
      " --wait 5m > /tmp/lava/__stop__ 2>&1 &",
  );
  expect(stopCommand(whole, settings)).toBe(
    "nohup lava-stop --no-dispatch --signal SIGHUP --instance-id i-1 --log @local0 --level info" +
      " --wait 5m --auto-scaling-group-name lava-prod-core --lifecycle-heartbeat 1m" +
      ` --lifecycle-action-token t-1 --lifecycle-hook-name 'it'"'"'s a hook' > /tmp/lava/__stop__ 2>&1 &`,
  );
});

test("a group without its hook is left out, which lava-stop would refuse", () => {
  expect(stopCommand({ ...alone, group: "lava-prod-core" }, settings)).toBe(
    stopCommand(alone, settings),
  );
});

test("a shell gives lava-stop the very values, whatever is in them (LAM-406)", () => {
  const folder = mkdtempSync(join(tmpdir(), "lava-stop-"));
  try {
    const fake = join(folder, "lava-stop");
    writeFileSync(fake, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const nasty = { ...whole, instance_id: "i-1; touch pwned", token: '$(id) `id` "x"' };
    const command = stopCommand(nasty, settings)
      .replace("/tmp/lava/__stop__", join(folder, "out"))
      .replace(/&$/, "");
    execFileSync("/bin/sh", ["-c", command], {
      cwd: folder,
      env: { PATH: `${folder}:/usr/bin:/bin` },
    });

    expect(readFileSync(join(folder, "out"), "utf8").trimEnd().split("\n")).toEqual([
      ...["--no-dispatch", "--signal", "SIGHUP", "--instance-id", "i-1; touch pwned"],
      ...["--log", "@local0", "--level", "info", "--wait", "5m"],
      ...["--auto-scaling-group-name", "lava-prod-core", "--lifecycle-heartbeat", "1m"],
      ...["--lifecycle-action-token", '$(id) `id` "x"', "--lifecycle-hook-name", "it's a hook"],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the document gets every parameter, the time to end and five minutes more (LAM-405, INF-021)", () => {
  expect(stopParameters(whole, { ...settings, level: "error" })).toEqual({
    ExecutionTimeout: ["600"],
    LogLevel: ["warning"],
    Signal: ["SIGHUP"],
    Wait: ["300s"],
    StopDispatch: ["yes"],
    InstanceId: ["i-1"],
    AsgName: ["lava-prod-core"],
    LifecycleHook: ["it's a hook"],
    LifecycleToken: ["t-1"],
    LifecycleHeartbeat: ["1m"],
  });
  expect(stopParameters(alone, settings)).toMatchObject({
    AsgName: [""],
    LifecycleHook: [""],
    LifecycleToken: [""],
    LifecycleHeartbeat: [""],
  });
});

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkConnection, connect, connectCli } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-aws-"));
let emulated: EmulatedRealm;
let realm: Realm;
let asked = 0;
beforeAll(async () => {
  emulated = await emulatedRealm();
  const parameters: Record<string, string> = { "/keys": "AKIA1,sec,ret", "/bad": "nothing" };
  const parameter = async (name: string): Promise<string> => {
    asked += 1;
    const value = parameters[name];
    if (value === undefined) throw new Error("not there");
    return value;
  };
  realm = { ...emulated.realm, secrets: { ...emulated.realm.secrets, parameter } };
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const role_arn = "arn:aws:iam::000000000000:role/other";

async function put(fields: DataMap, conn_id = "account"): Promise<string> {
  await emulated.realm.connections.put({ conn_id, type: "aws", enabled: true, ...fields });
  return conn_id;
}

describe("an aws connection", () => {
  test("gives keys of SSM, split at the first comma, and its region (CON-aws-01)", async () => {
    const id = await put({ access_keys: "/keys", role_arn, region: "eu-west-1" });
    await using session = await connect(id, { realm, type: "aws" });

    expect(session.region).toBe("eu-west-1");
    expect(await session.credentials()).toEqual({
      accessKeyId: "AKIA1",
      secretAccessKey: "sec,ret",
    });
  });

  test("gives keys of a role's session, under the job's name (CON-aws-02)", async () => {
    const id = await put({
      role_arn,
      duration: "15m",
      policy: { Version: "2012-10-17" },
      tags: { a: 1 },
    });
    const job_id = "app/load it";
    await using session = await connect(id, { realm, type: "aws", job_id });
    const { endpoint = "", region = "" } = emulated.realm.clients.settings;
    const sts = new STSClient({ endpoint, region, credentials: session.credentials });
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();

    expect(Arn).toMatch(/:assumed-role\/other\/lv-t[0-9a-f]+-app\.load\.it$/);
    expect(await checkConnection(id, { realm, job_id })).toMatchObject({
      server: "AWS account 000000000000",
      details: { arn: Arn },
    });
  });

  test("keys that AWS does not know are told as a refused login (CON-aws-01)", async () => {
    const id = await put({ access_keys: "/keys" }, "stranger");

    await expect(checkConnection(id, { realm })).rejects.toMatchObject({
      code: "LOGIN_FAILED",
      message: "Connection stranger: The security token included in the request is invalid.",
    });
  });

  test("keeps its keys for a time, but not beyond a change of the record (CON-aws-03)", async () => {
    const id = await put({ access_keys: "/keys" }, "cached");
    const before = asked;
    for (let turn = 0; turn < 3; turn += 1) await connect(id, { realm, type: "aws" });
    expect(asked).toBe(before + 1);
    await put({ access_keys: "/keys", region: "eu-west-2" }, "cached");
    await connect(id, { realm, type: "aws" });

    expect(asked).toBe(before + 2);
  });

  test.each<[DataMap, string]>([
    [{}, "Connection account: One of access_keys or role_arn is required"],
    [{ access_keys: "/bad" }, 'SSM /bad: Must be in format "access_key_id,access_secret_key"'],
    [{ access_keys: "/none" }, "SSM /none: not there"],
    [{ role_arn: "x" }, "Connection account: The role cannot be assumed: x is invalid"],
    [{ role_arn, odd: 1 }, "Connection account: Unexpected keys: odd"],
    [{ role_arn, enabled: false }, "Connection account: Not enabled"],
  ])("refuses a record with %o", async (fields, message) => {
    await expect(connect(await put(fields), { realm, type: "aws" })).rejects.toThrow(message);
  });

  test("its wrapper runs aws with a private file, its arguments passed on (CON-aws-04)", async () => {
    const id = await put({ role_arn, region: "eu-west-1" }, "wrapped");
    const path = await connectCli(id, { realm, workdir: folder });
    const file = join(dirname(path), ".aws_config");
    const bin = mkdtempSync(join(folder, "bin-"));
    writeFileSync(join(bin, "aws"), '#!/bin/bash\nprintf "<%s>" "$AWS_CONFIG_FILE" "$@"; exit 3\n');
    chmodSync(join(bin, "aws"), 0o755);
    const PATH = `${bin}:/usr/bin:/bin`;
    const { status, stdout } = spawnSync(path, ["s3", "ls", "a b"], {
      env: { PATH },
      encoding: "utf8",
    });

    expect(status).toBe(3);
    expect(stdout).toBe(`<${file}><--profile><lava><s3><ls><a b>`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toMatch(
      /^\[profile lava\]\ns3 =\n {4}signature_version = s3v4\nregion=eu-west-1\naws_access_key_id=\w+\naws_secret_access_key=\S+\naws_session_token=\S+\ncredential_process=\/bin\/bash "\S+\/renew-keys"\n$/,
    );
  });

  test("its wrapper asks for new keys before a session ends, and not earlier (CON-aws-05)", async () => {
    const id = await put({ role_arn }, "long/job");
    const path = await connectCli(id, { realm, workdir: folder, env: { AWS_CONFIG_FILE: "/own" } });
    const renew = join(dirname(path), "renew-keys");
    const bin = mkdtempSync(join(folder, "bin-"));
    const put700 = (name: string, text: string) => {
      writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    put700("lava", `printf '<%s>' "$AWS_CONFIG_FILE" "$@"`);
    const ask = (hours: number) => {
      put700("date", `/bin/date -d '${hours} hours' "$@"`);
      const env = { PATH: `${bin}:/usr/bin:/bin`, AWS_CONFIG_FILE: "/of-the-wrapper" };
      return spawnSync(renew, { env, encoding: "utf8" }).stdout;
    };

    expect(JSON.parse(ask(0))).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^\w+$/),
      SecretAccessKey: expect.any(String),
      SessionToken: expect.any(String),
      Expiration: expect.stringMatching(/Z$/),
    });
    expect(ask(3)).toBe(`</own><connect><--credentials><--realm><${realm.name}><long/job>`);
    rmSync(join(bin, "lava"));
    expect(JSON.parse(ask(3))).toMatchObject({ Version: 1 });
    expect(statSync(join(dirname(path), ".aws_keys.json")).mode & 0o777).toBe(0o600);
  });
});

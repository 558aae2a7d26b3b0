import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import {
  type EmulatedRealm,
  emulatedRealm,
  startDockerd,
  startDockerRegistry,
  startMariadb,
  startPostgres,
  startSamba,
  startSharePointDouble,
  startSmtp,
  startSshd,
} from "@lava/testing";
import type { Canaries } from "./canaries.ts";

/** A realm whose connections lead to real servers, each with a secret that was planted. */
export interface PlantedRealm extends AsyncDisposable {
  readonly realm: Realm;
  readonly emulated: EmulatedRealm;
  /** Certificate of the SMTP server. */
  readonly ca: string;
  /** Where the worker finds the docker daemon. */
  readonly dockerEnv: Readonly<Record<string, string>>;
  /** What payloads are told: hosts, ports, users. Nothing in it is secret. */
  readonly places: Readonly<Record<string, string>>;
}

/** Starts the servers and plants the secrets. */
export async function plantedRealm(canaries: Canaries, folder: string): Promise<PlantedRealm> {
  await using stack = new AsyncDisposableStack();
  const env = process.env;
  const smtpPassword = canaries.plant("smtp password");
  const sharepointSecrets = {
    password: canaries.plant("sharepoint password"),
    clientSecret: canaries.plant("sharepoint client secret"),
  };
  const [postgres, mariadb, sshd, samba, smtp, sharepoint, dockerd, registry] = await Promise.all([
    startPostgres(env).then((it) => stack.use(it)),
    startMariadb(env).then((it) => stack.use(it)),
    startSshd(env).then((it) => stack.use(it)),
    startSamba(env).then((it) => stack.use(it)),
    startSmtp(env, { password: smtpPassword }).then((it) => stack.use(it)),
    startSharePointDouble(sharepointSecrets).then((it) => stack.use(it)),
    startDockerd(env).then((it) => stack.use(it)),
    startDockerRegistry(env).then((it) => stack.use(it)),
  ]);
  const image = `${registry.host}/lava/base:1`;
  await dockerd.importImage(image);
  await dockerd.push(image, registry);
  await dockerd.docker("rmi", image);
  const pgPassword = canaries.plant("postgres password");
  const myPassword = canaries.plant("mariadb password");
  await postgres.sql(
    `create role robot login superuser password '${pgPassword.replaceAll("'", "''")}'`,
  );
  await mariadb.sql(
    `create user robot identified by '${myPassword.replaceAll("\\", "\\\\").replaceAll("'", "''")}';` +
      "grant all on *.* to robot",
  );
  canaries.add("registry password", registry.password);
  canaries.add("samba password", samba.password.split(" ").at(-1) ?? "");
  // A line out of its middle: the first ones of two keys are the same.
  canaries.add("ssh key", sshd.key.split("\n")[3] ?? "");
  const hook = canaries.plantPlain("slack webhook");
  const slack = createServer((_request, response) => {
    response.end("ok");
  }).listen(0, "127.0.0.1");
  stack.defer(() => void slack.close());
  await once(slack, "listening");
  const address = slack.address();
  const slackPort = typeof address === "object" ? (address?.port ?? 0) : 0;
  const apiKey = canaries.plant("generic attribute");
  const wrong = canaries.plant("wrong password");
  const accessKey = canaries.plantPlain("aws secret key");

  const ssh = { ssh_key: "/key", known_hosts: sshd.knownHosts };
  const database = {
    user: "robot",
    host: postgres.host,
    port: postgres.port,
    database: "postgres",
  };
  // A container's secret lies outside of what is searched: it is there by intent.
  const mounted = await mkdtemp(join(tmpdir(), "lava-mounted-"));
  stack.defer(() => rm(mounted, { recursive: true, force: true }));
  const passwordFile = join(mounted, "password");
  await writeFile(passwordFile, `${myPassword}\n`, { mode: 0o600 });

  const connections: DataMap[] = [
    { conn_id: "pg", type: "postgres", ...database, password: "/pg" },
    { conn_id: "pg-secret", type: "postgres", ...database, secret_id: "pg" },
    { conn_id: "pg-wrong", type: "postgres", ...database, password: "/wrong" },
    {
      conn_id: "my",
      type: "mariadb",
      user: "robot",
      host: mariadb.host,
      port: mariadb.port,
      database: "mysql",
      password: "/my",
    },
    { conn_id: "pg-iam", type: "postgres-rds", ...database },
    {
      conn_id: "my-file",
      type: "mariadb",
      ...database,
      host: mariadb.host,
      port: mariadb.port,
      database: "mysql",
      "x-lava-password-file": passwordFile,
    },
    {
      conn_id: "registry",
      type: "docker",
      registry: registry.host,
      user: registry.user,
      password: "/registry",
    },
    {
      conn_id: "registry-wrong",
      type: "docker",
      registry: registry.host,
      user: registry.user,
      password: "/wrong",
    },
    { conn_id: "role", type: "aws", role_arn: "arn:aws:iam::000000000000:role/reader" },
    { conn_id: "ssh", type: "ssh", ...ssh },
    { conn_id: "scp", type: "scp", ...ssh },
    { conn_id: "sftp", type: "sftp", ...ssh },
    { conn_id: "git", type: "git", ...ssh },
    {
      conn_id: "smb",
      type: "smb",
      host: samba.host,
      port: samba.port,
      user: samba.user,
      remote_name: "H",
      password: "/smb",
    },
    {
      conn_id: "mail",
      type: "email",
      subtype: "smtp",
      host: smtp.host,
      port: smtp.port,
      tls: true,
      user: smtp.user,
      password: "/smtp",
      from: "lava@x.org",
    },
    { conn_id: "chat", type: "slack", webhook_url: "/hook" },
    {
      conn_id: "site",
      type: "sharepoint",
      org_base_url: "x.sharepoint.example",
      site_name: "data",
      tenant: "x.org",
      client_id: "app",
      client_secret: "/sp-client",
      user: sharepoint.user,
      password: "/sp-user",
      login_url: sharepoint.loginUrl,
      graph_url: sharepoint.graphUrl,
    },
    {
      conn_id: "keys",
      type: "generic",
      attributes: { api_key: { type: "ssm", parameter: "/api" } },
    },
    { conn_id: "aws", type: "aws", access_keys: "/keys/aws" },
  ];
  const emulated = stack.use(await emulatedRealm({ connections }));
  const { realm } = emulated;
  const [ssm, secrets] = [await realm.clients.ssm(), await realm.clients.secretsManager()];
  const parameters = {
    "/pg": pgPassword,
    "/wrong": wrong,
    "/my": myPassword,
    "/key": sshd.key,
    "/smb": samba.password,
    "/registry": registry.password,
    "/smtp": smtpPassword,
    "/hook": `http://127.0.0.1:${slackPort}/services/${hook}`,
    "/sp-client": sharepointSecrets.clientSecret,
    "/sp-user": sharepointSecrets.password,
    "/api": apiKey,
    "/keys/aws": `AKIAEXAMPLE,${accessKey}`,
  };
  for (const [Name, Value] of Object.entries(parameters)) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString" }));
  }
  const secret = JSON.stringify({ username: "robot", password: pgPassword });
  await secrets.send(new CreateSecretCommand({ Name: "pg", SecretString: secret }));

  const repository = join(folder, "repo.git");
  await promisify(execFile)("git", ["init", "-q", "--bare", repository]);
  const owned = stack.move();
  return {
    realm,
    emulated,
    ca: smtp.ca,
    dockerEnv: dockerd.env,
    places: {
      FAR: `${sshd.user}@${sshd.host}`,
      FAR_PORT: String(sshd.port),
      REPOSITORY: `ssh://${sshd.user}@${sshd.host}:${sshd.port}${repository}`,
      SHARE: samba.share,
      IMAGE: image,
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

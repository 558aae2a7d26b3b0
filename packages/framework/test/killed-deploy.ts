import { readFileSync } from "node:fs";
import { createAwsClients, openRealm, type Realm } from "@lava/realm";
import { deployPlan } from "../src/deploy/deploy.ts";
import { readPlan } from "../src/deploy/plan-text.ts";

/**
 * A program that carries out a saved plan and kills itself at its nth write:
 * `killed-deploy.ts PLAN REALM SETTINGS N before|after`.
 */
const [, , file = "", name = "", settings = "{}", count = "1", when = "before"] = process.argv;

const writes = new Set(["put", "copy", "delete"]);
let seen = 0;

/** The same object, whose methods that write count. */
function counted<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      const member: unknown = Reflect.get(object, property, receiver);
      if (typeof member !== "function" || !writes.has(String(property))) return member;
      return async (...args: unknown[]): Promise<unknown> => {
        seen += 1;
        const isLast = seen === Number(count);
        if (isLast && when === "before") process.kill(process.pid, "SIGKILL");
        const result: unknown = await Reflect.apply(member, object, args);
        if (isLast) process.kill(process.pid, "SIGKILL");
        return result;
      };
    },
  });
}

await using clients = createAwsClients(JSON.parse(settings));
const realm = await openRealm(name, { clients, env: {} });
const watched: Realm = {
  ...realm,
  payloads: counted(realm.payloads),
  jobs: counted(realm.jobs),
  connections: counted(realm.connections),
  s3triggers: counted(realm.s3triggers),
  rules: counted(realm.rules),
};
await deployPlan(readPlan(readFileSync(file, "utf8"), file), watched, {
  by: { user: "killed", host: "test-host" },
});
process.stdout.write(String(seen));

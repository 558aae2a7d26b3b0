import { tableDefinitions } from "@lava/spec";
import { App, BootstraplessSynthesizer, CfnOutput, CfnParameter, Stack } from "aws-cdk-lib";
import { RealmTables } from "./constructs/tables.ts";

/** Name of the realm's stack, and of its template file. */
export const REALM_STACK = "lava-realm";

/** Stands for the realm's name in the names of its resources. */
const realmReference = "${Realm}";

/** What one realm has in its AWS account. So far: its tables. */
export function realmStack(app: App): Stack {
  const stack = new Stack(app, REALM_STACK, {
    description: "Lava: one realm",
    synthesizer: new BootstraplessSynthesizer(),
    analyticsReporting: false,
  });
  new CfnParameter(stack, "Realm", {
    type: "String",
    description: "Name of the realm.",
    allowedPattern: "^[a-z][a-z0-9_]{1,30}$",
    constraintDescription: "A small letter, then small letters, digits and _.",
  });
  const { tables } = new RealmTables(stack, "Tables", tableDefinitions(realmReference));
  for (const [name, table] of tables) new CfnOutput(stack, `${name}Name`, { value: table.ref });
  return stack;
}

/** The realm's template as it is written to `infra/templates`. */
export function realmTemplate(): string {
  const app = new App({ analyticsReporting: false });
  const stack = realmStack(app);
  const template: unknown = app.synth().getStackByName(stack.stackName).template;
  return `${JSON.stringify(template, null, 2)}\n`;
}

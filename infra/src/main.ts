import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { REALM_STACK, realmTemplate } from "./realm-stack.ts";

// `node --conditions=@lava/source infra/src/main.ts` writes the templates anew.
const folder = join(import.meta.dirname, "../templates");
writeFileSync(join(folder, `${REALM_STACK}.template.json`), realmTemplate());

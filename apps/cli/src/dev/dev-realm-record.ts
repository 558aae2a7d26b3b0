import * as z from "zod";

/** What `realm.json` holds. */
export const devRealm = z.object({
  realm: z.string(),
  environment: z.string(),
  endpoint: z.string(),
  port: z.number(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  workers: z.array(z.string()),
});

/** What `lava dev` knows of the realm that it runs; kept in `.lava-dev/realm.json`, readable by its owner only. */
export type DevRealm = z.output<typeof devRealm>;

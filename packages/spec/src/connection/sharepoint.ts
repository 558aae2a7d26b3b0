import * as z from "zod";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `sharepoint`: a SharePoint site. */
export const sharepoint = defineConnectionType({
  type: "sharepoint",
  summary: "A SharePoint site.",
  fields: z.strictObject({
    org_base_url: text.describe("Host name of the organisation's SharePoint."),
    site_name: text.describe("Name of the site."),
    tenant: text.describe("The domain registered with Azure AD."),
    client_id: text.describe("Application id."),
    client_secret: text.describe(
      "Name of the SSM parameter with the client secret; never the secret itself.",
    ),
    user: text.optional().describe("User name."),
    password: text.describe(
      "Name of the SSM parameter with the password; never the password itself.",
    ),
    https_proxy: text.optional().describe("Proxy for the calls. Default: HTTPS_PROXY."),
  }),
});

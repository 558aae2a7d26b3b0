import * as z from "zod";
import { always } from "../always.ts";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `sharepoint`: a SharePoint site. */
export const sharepoint = defineConnectionType({
  type: "sharepoint",
  summary: "A SharePoint site.",
  fields: z
    .strictObject({
      org_base_url: text.describe("Host name of the organisation's SharePoint."),
      site_name: text.describe("Name of the site."),
      tenant: text.describe("The domain registered with Azure AD."),
      client_id: text.describe("Application id."),
      client_secret: text
        .optional()
        .describe(
          "Name of the SSM parameter with the client secret; never the secret itself. Needed unless there is a client_certificate.",
        ),
      client_certificate: text
        .optional()
        .describe(
          "Name of the SSM parameter with the application's certificate and its private key (PEM), instead of a client secret.",
        ),
      user: text
        .optional()
        .describe(
          "User name. Without it the application works in its own name (client credentials).",
        ),
      password: text
        .optional()
        .describe("Name of the SSM parameter with the password; never the password itself."),
      login_url: text
        .optional()
        .describe("Where tokens are given. Default: https://login.microsoftonline.com."),
      graph_url: text
        .optional()
        .describe("Microsoft Graph. Default: https://graph.microsoft.com/v1.0."),
      https_proxy: text.optional().describe("Proxy for the calls. Default: HTTPS_PROXY."),
    })
    .superRefine(
      (value, context) => {
        if (Object.hasOwn(value, "client_secret") || Object.hasOwn(value, "client_certificate"))
          return;
        context.addIssue({
          code: "custom",
          path: ["client_secret"],
          message: "required field is missing: needed unless client_certificate is there",
        });
      },
      { when: always },
    ),
});

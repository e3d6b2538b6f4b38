// What the documents say of this server: its name and version, what its configuration changes, what the methods do.
import { type Config, version } from "./config.js";
import type { About } from "./contract/documents/openapi.js";

/** What is said of a server with this configuration. */
export function aboutOf({ appName, contact, messagesLimit }: Config): About {
  const limit = messagesLimit.defaultLimit;
  return {
    title: appName,
    version,
    ...(contact === undefined ? {} : { contact: contact.includes("://") ? { url: contact } : { email: contact } }),
    defaults: { "lyceum.v1.GetChatRequest.limit": limit, "lyceum.v1.ListMessagesRequest.limit": limit },
    endsSession: ["Logout", "DeleteMe"],
  };
}

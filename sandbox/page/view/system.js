/** What system messages say. */

const TEXTS = {
  uj: () => "joined",
  ul: () => "left",
  au: (text) => `added ${text}`,
  ru: (text) => `removed ${text}`,
  rm: () => "removed a message",
  r: (text) => `renamed the room to ${text}`,
  "user-muted": (text) => `muted ${text}`,
  "user-unmuted": (text) => `unmuted ${text}`,
  "room-archived": () => "archived the room",
  "room-unarchived": () => "took the room out of the archive",
  "room-set-read-only": () => "made the room read-only",
  "room-removed-read-only": () => "let everybody write again",
  room_changed_topic: (text) => `changed the topic to: ${text}`,
  room_changed_description: (text) => `changed the description to: ${text}`,
  room_changed_announcement: (text) => `changed the announcement to: ${text}`,
  "subscription-role-added": (text) => `gave a role in the room to ${text}`,
  "subscription-role-removed": (text) => `took a role in the room from ${text}`,
  "discussion-created": (text) => `began the discussion ${text}`,
  message_pinned: () => "pinned a message",
};

/** Return what a message with a system type says, behind its author's name. */
export function systemText({ type, text }) {
  return TEXTS[type]?.(text) ?? `${type.replaceAll(/[_-]/g, " ")} ${text}`.trim();
}

const PERMISSIONS: Record<string, [string, string]> = {
  account_read: ["Your account", "To see its name and details."],
  account_update: ["Your account’s details", "To change them."],
  contact_data: ["Contacts", "To count your contacts and lists."],
  campaign_data: ["Campaigns", "To show your latest campaigns."],
  offline_access: ["Staying connected", "To go on without asking again."],
};

export function permission(scope: string): [string, string] {
  return PERMISSIONS[scope] ?? ["Another permission", "This page’s settings ask for it."];
}

const CAMPAIGN_STATUS: Record<string, [string, string]> = {
  Draft: ["Draft", "badge"],
  Scheduled: ["Scheduled", "badge badge-half"],
  Executing: ["Being sent", "badge badge-half"],
  Done: ["Sent", "badge badge-good"],
  Error: ["Failed", "badge badge-bad"],
  Removed: ["Removed", "badge"],
};

export function campaignStatus(status: string): [string, string] {
  return CAMPAIGN_STATUS[status] ?? [status, "badge"];
}

/** `4 h 12 min`, `4 min 51 s`, `9 s`. */
export function duration(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes >= 10) return `${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

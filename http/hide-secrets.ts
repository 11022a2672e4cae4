/** Shorter ones are words that stand in a text for other reasons. */
const SHORTEST = 6;

/** A text of an API without our secrets, which some repeat in their answers. */
export function hideSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret === undefined || secret.length < SHORTEST) continue;
    for (const form of new Set([secret, encodeURIComponent(secret)])) shown = shown.replaceAll(form, '•••');
  }
  return shown;
}

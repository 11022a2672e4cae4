/** Every way in which a secret may be written down. */
export function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    new URLSearchParams({ key: secret }).toString().slice(4),
    base64(secret),
    // As the name and password of HTTP Basic.
    base64(`me:${secret}`),
    base64(`me:${encodeURIComponent(secret)}`),
    Buffer.from(secret).toString('hex'),
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '');
}

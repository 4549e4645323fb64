// A moment's work that is dear for whoever sends thousands of forms: a text with which SHA-256 of "token:text" begins with so many
// zero bits. Empty where the browser cannot (no TLS): then fewer forms a minute are taken.
export async function findProof(token, bits) {
  if (!crypto.subtle) return "";
  const encoder = new TextEncoder();
  for (let count = 0; ; count++) {
    const proof = count.toString(36);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${token}:${proof}`)));
    if (zeroBits(digest) >= bits) return proof;
  }
}

function zeroBits(digest) {
  let bits = 0;
  for (const byte of digest) {
    if (byte) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
}

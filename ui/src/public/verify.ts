/** What stands after `#` in the address of the page. */
export type Asked = { kind: 'badge'; token: string } | { kind: 'document'; id: string; sha256: string | null } | null;

/** A badge's code is the whole fragment, a paper's is `d=…&sha=…`; scanners append blanks, stops and marks of their own. */
export function readFragment(fragment: string): Asked {
  const text = decode(fragment.replace(/^#/, ''));
  if (/^d=/.test(text)) {
    const found = /^d=([^&]+)(?:&sha=([0-9a-fA-F]{8,64}))?/.exec(text);
    return found?.[1] ? { kind: 'document', id: found[1].trim(), sha256: found[2]?.toLowerCase() ?? null } : null;
  }
  const token = /^[A-Za-z0-9_-]+/.exec(text.trim())?.[0];
  return token ? { kind: 'badge', token } : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

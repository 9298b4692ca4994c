/** The first character of every pinyin initial in the order of the alphabet; i, u and v begin no syllable. */
const firsts = '阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀';
const letters = 'abcdefghjklmnopqrstwxyz';
const order = new Intl.Collator('zh-Hans-CN-u-co-pinyin');
const known = new Map<string, string>();

function initialOf(character: string): string {
  if (!/\p{Script=Han}/u.test(character)) return /[a-z0-9]/i.test(character) ? character.toLowerCase() : '';
  let found = '';
  for (const [index, first] of [...firsts].entries()) {
    if (order.compare(first, character) > 0) break;
    found = letters[index] ?? '';
  }
  return found;
}

/** Pinyin initials of a text, e.g. 处罚决定书 → cfjds. */
export function initials(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  const letters = [...text].map(initialOf).join('');
  known.set(text, letters);
  return letters;
}

/** True when every word is found in one of the texts, or in the initials of one of them. */
export function matches(words: string, texts: string[]): boolean {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  return parts.every((part) =>
    texts.some((text) => text.toLowerCase().includes(part) || (/^[a-z]+$/.test(part) && initials(text).includes(part))),
  );
}

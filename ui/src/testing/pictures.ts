const svg = (body: string, box: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${body}</svg>`)}`;

export function portrait(seed: string): string {
  const tint = seed.includes('1') ? '#8fb4dc' : '#b7cbb0';
  return svg(
    `<rect width="66" height="88" fill="${tint}"/><circle cx="33" cy="34" r="15" fill="#f2d9c0"/><path d="M6 88c2-34 52-34 54 0z" fill="#1d3d66"/>`,
    '0 0 66 88',
  );
}

export function page(number: string, title: string): string {
  const lines = Array.from(
    { length: 22 },
    (_, index) => `<rect x="70" y="${150 + index * 30}" width="${420 - (index % 5) * 40}" height="9" fill="#c9d2dc"/>`,
  ).join('');
  return svg(
    `<rect width="595" height="842" fill="#fff"/><text x="297" y="90" text-anchor="middle" font-size="24">示例页 ${number}</text><text x="297" y="120" text-anchor="middle" font-size="9" fill="#888">${title.replace(/[<&]/g, '')}</text>${lines}`,
    '0 0 595 842',
  );
}

/** Not a real code: only something that looks like one. */
export function qr(seed: string): string {
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  let cells = '';
  for (let y = 0; y < 29; y += 1) {
    for (let x = 0; x < 29; x += 1) {
      state = (state * 1664525 + 1013904223) >>> 0;
      if (state & 0x10000) cells += `M${x} ${y}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="${cells}"/></svg>`;
}

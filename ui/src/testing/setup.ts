import { afterEach, beforeEach, expect, vi } from 'vitest';

/** A screen that warns is not finished, whatever the test looks at. */
const complaints: string[] = [];
beforeEach(() => {
  complaints.length = 0;
  for (const level of ['warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...words) => complaints.push(words.map(String).join(' ')));
  }
});
afterEach(() => expect(complaints).toEqual([]));

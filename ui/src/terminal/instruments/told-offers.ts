import type { Offer } from '@/fields/offers';
import { valueAt, type FormValue } from '@/fields/paths';
import type { Section } from '@/generated/forms';
import type { Citation } from '@/generated/law';
import type { NoticeText, ToldRow } from '@/generated/terminal';

/** Law and article without paragraph and item. */
const places = (citations: Citation[]) => citations.map(({ law, article }) => `${law} ${article.split('(')[0]}`);

/** For every empty time of telling: when the notice that rests on the same article was told last. */
export function toldOffers(
  sections: Section[],
  value: FormValue,
  told: ToldRow[],
  notices: NoticeText[],
  word: (time: string) => string,
): Map<string, Offer> {
  const offers = new Map<string, Offer>();
  for (const field of sections.flatMap(({ fields }) => fields)) {
    const isTimeOfTelling = field.kind.kind === 'date_time' && /told/.test(field.path.split('.').at(-1) ?? '');
    if (!isTimeOfTelling || valueAt(value, field.path)) continue;
    const asked = places(field.basis);
    const fitting = notices.filter(({ basis }) => places(basis).some((place) => asked.includes(place)));
    const newest = told
      .filter(({ notice }) => fitting.some((text) => text.notice === notice))
      .sort((a, b) => b.told_at.localeCompare(a.told_at))[0];
    if (newest) offers.set(field.path, { text: word(newest.told_at), value: newest.told_at });
  }
  return offers;
}

import type { LawHit } from '@/generated/terminal';
import type { FormValue } from './paths';

/** A found article as the fields of a form hold it: full title, and paragraph and item apart. */
export function citedAs(hit: Pick<LawHit, 'title' | 'article' | 'gist'>): FormValue {
  const [main, paragraph, item] = hit.article.split('(').map((part) => part.replace(/\)$/, ''));
  return {
    law: hit.title,
    article: main ?? '',
    ...(paragraph ? { paragraph } : {}),
    ...(item ? { item } : {}),
    ...(hit.gist ? { text: hit.gist } : {}),
  };
}

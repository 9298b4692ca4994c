import { language } from './language';

const zone = 'Asia/Shanghai';

const parts = (options: Intl.DateTimeFormatOptions) => (text: string | null | undefined) => {
  const moment = text ? new Date(text) : null;
  if (!moment || Number.isNaN(moment.getTime())) return text ?? '';
  return new Intl.DateTimeFormat(language.value, { timeZone: zone, hourCycle: 'h23', ...options }).format(moment);
};

const two = '2-digit' as const;
const day = { year: 'numeric', month: two, day: two } as const;

/** `2026/03/05 14:20` in the domain's zone. */
export const dateTime = parts({ ...day, hour: two, minute: two });
export const dateTimeSeconds = parts({ ...day, hour: two, minute: two, second: two });
export const clockTime = parts({ hour: two, minute: two, second: two });

/** A calendar date as people write it. */
export function date(text: string | null | undefined): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})/.exec(text ?? '');
  if (!found) return text ?? '';
  const [, year, month, dayOfMonth] = found;
  return language.value === 'zh-CN'
    ? `${year}年${Number(month)}月${Number(dayOfMonth)}日`
    : `${year}-${month}-${dayOfMonth}`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** `1:02:03` or `02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const clock = `${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${clock}` : clock;
}

/** Integer 分 as 元 with two places, without floats. */
export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const digits = String(Math.abs(Math.trunc(fen))).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** 元 as typed to integer 分; null when it is not an amount. */
export function fen(text: string): number | null {
  const found = /^(\d{1,12})(?:[.。](\d{1,2}))?$/.exec(text.trim().replaceAll(',', '').replaceAll('，', ''));
  if (!found) return null;
  return Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
}

const digits = [...'零一二三四五六七八九'];
const units = ['', '十', '百', '千'];

/** Numbers up to 9999 as laws write them: 51 → 五十一, 105 → 一百零五, 12 → 十二. */
export function chineseNumber(number: number): string {
  if (!Number.isInteger(number) || number < 0 || number > 9999) return String(number);
  const written = [...String(number)].map((digit, at, all) => {
    const unit = units[all.length - 1 - at] ?? '';
    return digit === '0' ? '零' : `${digits[Number(digit)] ?? ''}${unit}`;
  });
  const text = written.join('').replace(/零+/g, '零');
  return (text.length > 1 ? text.replace(/零$/, '') : text).replace(/^一十/, '十');
}

const inWords = (part: string) => part.replace(/\d{1,4}/g, (number) => chineseNumber(Number(number)));

/** `第五十一条`, `第六十三条第一款`, `第四十三条第一款第一项`. */
export function article(law: string, number: string): string {
  if (language.value !== 'zh-CN') return `${law} art. ${number}`;
  const found = /^第?([\d一二三四五六七八九十百零之]+)条?((?:[(（][^()（）]+[)）])*)$/.exec(number.trim());
  if (!found) return `《${law}》${number}`;
  const [, main, rest] = found;
  const below = [...(rest ?? '').matchAll(/[(（]([^()（）]+)[)）]/g)].map(([, part], index) =>
    index === 0 ? `第${inWords(part ?? '')}款` : `第${inWords(part ?? '')}项`,
  );
  return `《${law}》第${inWords(main ?? '')}条${below.join('')}`;
}

/** A citation as a form holds it: its parts may stand apart, or all in the article. */
export function citation(cited: { law?: unknown; article?: unknown; paragraph?: unknown; item?: unknown }): string {
  const [law, number, paragraph, item] = [cited.law, cited.article, cited.paragraph, cited.item].map((part) =>
    typeof part === 'string' || typeof part === 'number' ? String(part).trim() : '',
  );
  const plain = (part: string) => part.replace(/^第|[款项]$/g, '');
  const rest = `${paragraph ? `(${plain(paragraph)})` : ''}${item ? `(${plain(item)})` : ''}`;
  if (item && !paragraph) return `${article(law ?? '', number ?? '')}第${inWords(plain(item))}项`;
  return article((law ?? '').replace(/^《|》$/g, ''), `${number ?? ''}${rest}`);
}

/** 京津冀… as they stand on plates; the order is that of the plate rules. */
export const provinces = [...'京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新'];
/** No I and no O on plates. */
const letters = [...'ABCDEFGHJKLMNPQRSTUVWXYZ'];
const digits = [...'1234567890'];
const tails = [...'挂学警港澳领使试超'];

const inRows = (keys: string[], count: number): string[][] =>
  keys.length ? [keys.slice(0, count), ...inRows(keys.slice(count), count)] : [];

export const keysInRow = 10;
export const provinceRows = inRows(provinces, keysInRow);
export const restRows = [digits, ...inRows(letters, keysInRow)];
export const restKeys = [...digits, ...letters];
export const tailRows = inRows(tails, keysInRow);

/** A province stands first and only there; everything else follows. */
export function withKey(plate: string, key: string): string {
  const characters = [...plate];
  if (!provinces.includes(key)) return plate + key;
  const rest = characters[0] && /\p{Script=Han}/u.test(characters[0]) ? characters.slice(1) : characters;
  return key + rest.join('');
}

export const withoutLast = (text: string): string => [...text].slice(0, -1).join('');

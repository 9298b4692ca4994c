import type * as T from '@/generated/terminal';

/* Who and what the terminal in memory knows. */

export const officer = (
  n: number,
  name: string,
  post: string,
  standing = 'valid',
  validTo = '2027-12-31',
): T.OfficerCard => ({
  officer_id: `o${n}`,
  name,
  unit: '示例市交通运输综合行政执法支队一大队',
  post,
  credential_no: `9901000${n}`,
  category: '交通运输综合执法',
  area: '示例市行政区域',
  valid_from: '2024-01-01',
  valid_to: validTo,
  standing,
  photo: n < 3 ? `stream/officer/9901000${n}/photo` : null,
  signed_in: false,
  has_pin: true,
});

const cited = (law: string, article: string): T.CitedArticle => ({ law, article, paragraph: '', text: '' });

export const violations: T.ViolationRow[] = [
  {
    code: 'T10-1',
    title: '违法超限运输（外廓尺寸，高不超 4.2 米、宽不超 3 米且长不超 20 米）',
    facts_draft: '经检测，该车车货总高＿＿米、总宽＿＿米、总长＿＿米，未取得超限运输车辆通行证，在公路上行驶。',
    violated: [cited('超限运输车辆行驶公路管理规定', '3')],
    basis: [cited('公路安全保护条例', '64'), cited('超限运输车辆行驶公路管理规定', '43(1)(1)')],
    range_text: '200 元以下罚款',
  },
  {
    code: 'T6',
    title: '未随车携带道路运输证',
    facts_draft: '该车从事道路运输经营，未随车携带道路运输证。',
    violated: [cited('道路运输条例', '33')],
    basis: [cited('道路运输条例', '68')],
    range_text: '警告或者 20 元以上 200 元以下罚款',
  },
];

const hit = (title: string, article: string, gist: string) => ({
  law: title,
  title,
  article,
  gist,
  valid_from: '2021-07-15',
  valid_to: null,
  is_in_force: true,
});
export const articles = [
  hit('中华人民共和国行政处罚法', '51', '违法事实确凿并有法定依据，可以当场作出行政处罚决定。'),
  hit('超限运输车辆行驶公路管理规定', '43(1)(1)', '车货总高度从地面算起超过规定的，处以罚款。'),
];

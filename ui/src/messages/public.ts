import type { BadgeState, DocumentState } from '@/generated/public';
import { messagesIn } from './language';

interface Verdict {
  title: string;
  text: string;
  /** What the person holding the phone can do now. */
  now: string[];
}

const call = '拨打下方监督电话核实或者投诉。';

const zh = {
  title: '执法人员与文书核验',
  checking: '正在核验…',
  language: 'English',
  officers: '现场执法人员',
  phone: '监督电话',
  shownAt: '出示时间',
  checkedAt: '核验时间',
  again: '重新核验',
  scanAgain: '请对方刷新证件页，再扫一次。',
  compare: '请对照照片和姓名，确认就是眼前的人。',
  privacy: '本页不记录谁在查询。',
  badge: {
    valid: {
      title: '身份有效',
      text: '下列人员是本机关的执法人员，证件现在有效。',
      now: ['请对照照片和姓名，确认就是眼前的人。', '检查应当有两名以上执法人员。'],
    },
    expired_code: {
      title: '二维码已过期',
      text: '这个码是真的，但已经换新。它可能是照片或截图，也可能是页面打开太久。',
      now: ['请对方刷新证件页，再扫一次。', '对方不能当面出示新码的，您有权拒绝检查。'],
    },
    not_yet_valid_code: {
      title: '二维码时间不符',
      text: '出示终端的时间比我们的时间快。',
      now: ['请稍等半分钟再扫一次。', call],
    },
    certificate_expired: {
      title: '执法证件已过期',
      text: '其中有人员的执法证件已过有效期，不得用于执法。',
      now: ['您有权拒绝接受检查。', call],
    },
    certificate_not_yet_valid: {
      title: '执法证件尚未生效',
      text: '其中有人员的执法证件还没有到生效日期。',
      now: ['您有权拒绝接受检查。', call],
    },
    suspended: {
      title: '执法证件已暂扣或注销',
      text: '其中有人员的执法证件现在不能使用。',
      now: ['您有权拒绝接受检查。', call],
    },
    not_an_officer: {
      title: '没有执法资格',
      text: '其中有人员是辅助人员，不能从事执法。',
      now: ['您有权拒绝接受检查。', call],
    },
    unknown: {
      title: '查不到这些人员',
      text: '本机关没有登记这个终端或这些人员。',
      now: ['请查看实体执法证件。', '您有权拒绝接受检查。', call],
    },
    bad_signature: {
      title: '二维码不是真的',
      text: '它的签名与本机关登记的终端不符。',
      now: ['您有权拒绝接受检查。', call, '遇到冒充执法人员的，可以报警。'],
    },
    malformed: {
      title: '读不出这个码',
      text: '链接不完整，可能扫码时漏了一部分。',
      now: ['请对方刷新证件页，再扫一次。'],
    },
  } satisfies Record<BadgeState, Verdict> as Record<BadgeState, Verdict>,
  document: {
    issued: {
      title: '文书属实',
      text: '本机关制发过这份文书，内容摘要一致。',
      now: ['金额、期限等以手中纸面文书为准。'],
    },
    issued_unchecked: {
      title: '文书号属实',
      text: '本机关制发过这个文书号；没有比对内容。',
      now: ['扫描纸面上的二维码，可以比对内容。'],
    },
    content_differs: {
      title: '内容不一致',
      text: '这个文书号存在，但纸面内容的摘要与留存的不同。',
      now: ['请不要据此付款。', call],
    },
    voided: {
      title: '文书已作废',
      text: '这份文书制发后已经作废。',
      now: [call],
    },
    unknown: {
      title: '暂时查不到',
      text: '可能文书还在执法终端上没有上传，也可能编号不对。',
      now: ['请核对编号，过一天再查。', call],
    },
  } satisfies Record<DocumentState, Verdict> as Record<DocumentState, Verdict>,
  documentForm: {
    title: '核验一份文书',
    number: '文书号',
    hash: '内容摘要（可不填，前 8 位即可）',
    submit: '核验',
    name: '文书名称',
    issuedOn: '制发日期',
    sealNo: '印章里的编号',
    agency: '制发机关',
  },
  board: {
    title: '行政执法公示',
    search: '按当事人、文书号查找',
    find: '查找',
    none: '还没有公示',
    all: '全部公示',
    more: '显示更多',
    withdrawn: '已撤回',
    ended: '公示期已满，不再展示内容',
    unknown: '没有这条公示',
    withdrawnOn: (day: string) => `撤回日期：${day}`,
    reason: (reason: string) => `理由：${reason}`,
  },
};

const ask = 'Call the number below to ask or complain.';
const mayRefuse = 'You may refuse the inspection.';

const en: typeof zh = {
  title: 'Check of officers and documents',
  checking: 'Checking…',
  language: '中文',
  officers: 'Officers on site',
  phone: 'Complaints',
  shownAt: 'Shown at',
  checkedAt: 'Checked at',
  again: 'Check again',
  scanAgain: 'Ask for a fresh code and scan again.',
  compare: 'Compare the photo and the name with the person before you.',
  privacy: 'This page does not record who asks.',
  badge: {
    valid: {
      title: 'Valid',
      text: 'These persons are officers of this agency and their credentials are valid now.',
      now: ['Compare the photo and the name with the person before you.', 'There should be at least two officers.'],
    },
    expired_code: {
      title: 'The code is old',
      text: 'It is genuine but was replaced. It may be a photo, or a page left open.',
      now: ['Ask for a fresh code and scan again.', 'Without a fresh code you may refuse the inspection.'],
    },
    not_yet_valid_code: {
      title: 'The time of the code does not fit',
      text: 'The terminal’s clock is ahead of ours.',
      now: ['Wait half a minute and scan again.', ask],
    },
    certificate_expired: {
      title: 'Credential expired',
      text: 'At least one credential is no longer valid.',
      now: [mayRefuse, ask],
    },
    certificate_not_yet_valid: {
      title: 'Credential not valid yet',
      text: 'At least one credential is not valid yet.',
      now: [mayRefuse, ask],
    },
    suspended: {
      title: 'Credential suspended',
      text: 'At least one credential may not be used now.',
      now: [mayRefuse, ask],
    },
    not_an_officer: {
      title: 'Not an officer',
      text: 'At least one person is auxiliary staff and may not enforce.',
      now: [mayRefuse, ask],
    },
    unknown: {
      title: 'Not known here',
      text: 'This agency knows neither the terminal nor the persons.',
      now: ['Ask for the card itself.', mayRefuse, ask],
    },
    bad_signature: {
      title: 'The code is not genuine',
      text: 'Its signature does not fit any terminal of this agency.',
      now: [mayRefuse, ask, 'If somebody pretends to be an officer, call the police.'],
    },
    malformed: {
      title: 'The code cannot be read',
      text: 'The link is not complete.',
      now: ['Ask for a fresh code and scan again.'],
    },
  },
  document: {
    issued: {
      title: 'Genuine',
      text: 'This agency issued the document, and its content is the one kept.',
      now: ['Amounts and dates are as on your paper.'],
    },
    issued_unchecked: {
      title: 'The number is genuine',
      text: 'This agency issued the number; the content was not compared.',
      now: ['Scan the code on the paper to compare the content.'],
    },
    content_differs: {
      title: 'The content differs',
      text: 'The number exists, but with other content.',
      now: ['Do not pay on the ground of this paper.', ask],
    },
    voided: { title: 'Voided', text: 'The document was issued and later voided.', now: [ask] },
    unknown: {
      title: 'Not found yet',
      text: 'It may still be on the terminal, or the number is wrong.',
      now: ['Check the number and try again tomorrow.', ask],
    },
  },
  documentForm: {
    title: 'Check a document',
    number: 'Number',
    hash: 'Content hash (optional, 8 digits are enough)',
    submit: 'Check',
    name: 'Document',
    issuedOn: 'Issued on',
    sealNo: 'Number in the seal',
    agency: 'Agency',
  },
  board: {
    title: 'Published decisions',
    search: 'Search party or number',
    find: 'Search',
    none: 'Nothing is published',
    all: 'All',
    more: 'Show more',
    withdrawn: 'Withdrawn',
    ended: 'The period of publication is over',
    unknown: 'No such publication',
    withdrawnOn: (day) => `Withdrawn on ${day}`,
    reason: (reason) => `Reason: ${reason}`,
  },
};

export const usePublic = messagesIn({ 'zh-CN': zh, en });

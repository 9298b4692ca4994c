import { messagesIn } from './language';

const named = (table: Record<string, string>) => table;

const zh = {
  nav: '机关事项',
  lead: '不属于哪一件案件、机关自己要按期办的事。',
  none: '没有设定这类事项。',
  overdue: '逾期或者不符合',
  rows: {
    annual_report: (year: string, to: string) => `公开 ${year} 年度执法数据年报${to ? `，报送${to}` : ''}`,
    monthly_refresh: () => '本月公示内容更新',
    reviewer_ratio: (reviewers: string, officers: string, percent: string) =>
      `法制审核人员 ${reviewers} 名，执法人员 ${officers} 名，不少于 ${percent}%`,
    two_places: (name: string, one: string, other: string) => `${name}同一时间在两台终端的记录里：${one}；${other}`,
  },
  content: (parts: string) => `内容：${parts}`,
  papers: '执法监督文书',
  noPapers: '没有收到监督文书。',
  register: '登记监督文书',
  kinds: named({ notice: '监督通知书', opinion: '监督意见书', decision: '监督决定书' }),
  number: '文号',
  organ: '监督机关',
  kind: '种类',
  demand: '监督要求',
  receivedOn: '收到日期',
  replyBy: '回复期限',
  caseNo: '涉及案件的案号（没有的不填）',
  submit: '登记',
  answered: (answer: string) => `已回复：${answer}`,
  answerHint: '终端制发的《行政执法监督回复》写明监督文书号的，自动登记为已回复。',
  answer: '登记答复',
  answerWords: '怎样答复',
};

type Duties = typeof zh;

const en: Duties = {
  nav: 'Duties',
  lead: 'What no single case asks for and the agency has to do in time.',
  none: 'Nothing of this kind is set.',
  overdue: 'Overdue or not met',
  rows: {
    annual_report: (year, to) => `Publish the report for ${year}${to ? `, to ${to}` : ''}`,
    monthly_refresh: () => 'Refresh what is published this month',
    reviewer_ratio: (reviewers, officers, percent) =>
      `${reviewers} legal reviewers for ${officers} officers, at least ${percent}%`,
    two_places: (name, one, other) => `${name} is in records of two terminals at once: ${one}; ${other}`,
  },
  content: (parts) => `Content: ${parts}`,
  papers: 'Papers of supervision',
  noPapers: 'No paper has arrived.',
  register: 'Register a paper',
  kinds: { notice: 'Notice', opinion: 'Opinion', decision: 'Decision' },
  number: 'Number',
  organ: 'Organ',
  kind: 'Kind',
  demand: 'Demand',
  receivedOn: 'Received on',
  replyBy: 'Reply by',
  caseNo: 'Number of the case, if it names one',
  submit: 'Register',
  answered: (answer) => `Answered: ${answer}`,
  answerHint: 'A reply issued on a terminal that names the number of the paper answers it by itself.',
  answer: 'Record an answer',
  answerWords: 'How it was answered',
};

export const useDuties = messagesIn({ 'zh-CN': zh, en });

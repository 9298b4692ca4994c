import { errorsEn } from './errors.en';
import { errorsZh } from './errors.zh-CN';
import { messagesIn } from './language';

const zh = {
  errors: errorsZh,
  incident: (number: string) => `编号 ${number}`,
  basis: '依据',
  retry: '重试',
  close: '关闭',
  cancel: '取消',
  back: '返回',
  loading: '正在读取…',
  working: '正在处理…',
  none: '无',
  yes: '是',
  no: '否',
  reload: '载入最新内容',
  standing: {
    valid: '证件有效',
    expired: '证件已过期',
    not_yet_valid: '证件尚未生效',
    suspended: '证件已暂扣或注销',
    not_an_officer: '不具有执法资格',
    unknown: '不在名册',
  } as Record<string, string>,
  credential: {
    number: '执法证号',
    unit: '单位',
    post: '职务',
    category: '执法类别',
    area: '执法区域',
    validity: '有效期',
    photoOf: (name: string) => `${name}的证件照片`,
    noPhoto: '无照片',
    range: (from: string, to: string) => `${from} 至 ${to}`,
  },
  example: '示例数据，不具有法律效力',
};

const en: typeof zh = {
  errors: errorsEn,
  incident: (number) => `Number ${number}`,
  basis: 'Basis',
  retry: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  back: 'Back',
  loading: 'Loading…',
  working: 'Working…',
  none: 'None',
  yes: 'Yes',
  no: 'No',
  reload: 'Load the latest',
  standing: {
    valid: 'Credential valid',
    expired: 'Credential expired',
    not_yet_valid: 'Credential not valid yet',
    suspended: 'Credential suspended',
    not_an_officer: 'Not an officer',
    unknown: 'Not on the roster',
  },
  credential: {
    number: 'Credential no.',
    unit: 'Unit',
    post: 'Post',
    category: 'Category',
    area: 'Area',
    validity: 'Validity',
    photoOf: (name) => `Portrait of ${name}`,
    noPhoto: 'No photo',
    range: (from, to) => `${from} to ${to}`,
  },
  example: 'Example data without legal effect',
};

export const useCommon = messagesIn({ 'zh-CN': zh, en });

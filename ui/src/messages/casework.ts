import { caseworkEn } from './casework.en';
import { caseworkZh } from './casework.zh-CN';
import { messagesIn } from './language';

export const useCasework = messagesIn({ 'zh-CN': caseworkZh, en: caseworkEn });

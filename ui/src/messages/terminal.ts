import { messagesIn } from './language';
import { terminalEn } from './terminal.en';
import { terminalZh } from './terminal.zh-CN';

export const useMessages = messagesIn({ 'zh-CN': terminalZh, en: terminalEn });

import { terminalZh, type TerminalMessages } from './terminal.zh-CN';

export const terminalEn: TerminalMessages = terminalZh;

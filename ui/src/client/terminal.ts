import { terminalCommandsEffects, type TerminalCommands } from '@/generated/terminal.client';
import { createClient } from './create-client';

export const terminal = createClient<TerminalCommands>(terminalCommandsEffects);

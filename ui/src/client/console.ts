import { consoleCommandsEffects, type ConsoleCommands } from '@/generated/console.client';
import { createClient } from './create-client';

export const hq = createClient<ConsoleCommands>(consoleCommandsEffects);

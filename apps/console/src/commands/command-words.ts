import { useWords } from '../locales/use-words.js';
import { zh } from '../locales/zh.js';

/** The name of a command in the language of the page; one of a profile of its own keeps its name. */
export function useCommandWords(): (command: string) => string {
  const { t } = useWords();
  return (command) => (Object.hasOwn(zh.command.named, command) ? t(`command.named.${command}`) : command);
}
